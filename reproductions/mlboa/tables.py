"""Lay out the published tables with our columns beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from contest.markdown import head, line

from mlboa.comparing import Difference
from mlboa.contenders import CNN, TUNED, UNTUNED, UNTUNED_AT_BEST
from mlboa.mixing import TEST_PER_TRAINING
from mlboa.rows import SECONDS, Mean, Standing
from mlboa.sequences import Source

PUBLISHED_TUNING: Final = {UNTUNED: (0.686, 0.321, 145), TUNED: (0.749, 0.274, 110)}
PUBLISHED_RIVALS: Final = {
    "knn": (0.608, 0.405),
    CNN: (0.653, 0.350),
    UNTUNED: (0.686, 0.321),
    TUNED: (0.749, 0.274),
}
NOTE: Final = (
    "± is one standard error over seeds. Published figures come from other, unstated data, so only "
    "differences compare. RMSE here is that of the probability against 0 and 1; seconds are "
    "processor seconds of training: those of `lstm` and `tuned lstm` on one machine, other rows on "
    "others, which were up to twice as slow."
)
RULE: Final = (
    f"`{TUNED}` keeps the weights of its best validation epoch, the published start `{UNTUNED}` "
    f"those of its last. `{UNTUNED_AT_BEST}` is that start by the tuned one's rule: what is gained "
    "on it is owed to settings, the rest of the gain to the rule."
)
FRESH_SEEDS: Final = (
    "The plain paired t-test: every seed draws shoppers of its own, and a part of the reviews, so "
    "that two seeds share some 1.5 % of test examples."
)
ONE_STOCK: Final = (
    "All seeds deal one stock of reviews anew and share examples, so ± and p here are those of the "
    "corrected resampled t-test (Nadeau and Bengio 2003): the variance over n seeds is taken times "
    f"1/n + {TEST_PER_TRAINING:.3f}, the test examples for each of training, in place of 1/n."
)
HOLM: Final = "The last column corrects p for the number of tests in this table (Holm 1979)."


def all_tables(standing: Standing, dataset: str) -> str:
    """Return every table that the measured figures allow, as Markdown."""
    parts = [
        f"## {dataset}",
        NOTE,
        _part(
            "Table 2: the LSTM before and after tuning",
            _tuning_lines(standing),
            _tuning_words(standing),
        ),
        _part("Table 3: the LSTM beside others", _rival_lines(standing)),
        _part("By source", _source_lines(standing)),
        _part("The gap between majority and Bayes, simulated part", _gap_lines(standing)),
        _part("Clothing reviews: is the garment recommended?", _clothing_lines(standing)),
        _part("Paired t-tests over seeds, accuracy", _test_lines(standing), _test_words(standing)),
    ]
    return "\n\n".join(part for part in parts if part)


def _part(title: str, lines: Iterator[str], words: str = "") -> str:
    """Return a titled table and words below it, nothing where it would have no rows."""
    found = [*lines]
    parts = [f"### {title}", "\n".join(found), words]
    return "\n\n".join(part for part in parts if part) if len(found) > 2 else ""


def _tuning_lines(standing: Standing) -> Iterator[str]:
    """Yield Table 2."""
    yield from head(["method", "accuracy", "published", "RMSE", "published", "s", "published"])
    for method in (UNTUNED, UNTUNED_AT_BEST, TUNED):
        published = PUBLISHED_TUNING.get(method)
        if published is None and method not in standing.methods:
            continue
        yield line(
            [
                method,
                _share(standing.mean(method, "accuracy")),
                f"{published[0]:.1%}" if published else "",
                _number(standing.mean(method, "rmse")),
                f"{published[1]:.3f}" if published else "",
                _seconds(standing.mean(method, SECONDS)),
                str(published[2]) if published else "",
            ]
        )


def _tuning_words(standing: Standing) -> str:
    """Return what tuning gains on its start, by both rules of which epoch is kept."""
    found = standing.compare_all(TUNED, "accuracy")
    gains = [
        f"{_points(found[start])} points on `{start}` (p {_p(found[start].p_value)}, corrected as "
        f"below {_p(found[start].p_holm)})"
        for start in (UNTUNED, UNTUNED_AT_BEST)
        if start in found
    ]
    return f"{RULE} `{TUNED}` gains {' and '.join(gains)}." if gains else ""


def _rival_lines(standing: Standing) -> Iterator[str]:
    """Yield Table 3."""
    yield from head(["method", "accuracy", "published", "RMSE", "published", "AUC", "s"])
    for method in standing.methods:
        published = PUBLISHED_RIVALS.get(method)
        yield line(
            [
                method,
                _share(standing.mean(method, "accuracy")),
                f"{published[0]:.1%}" if published else "",
                _number(standing.mean(method, "rmse")),
                f"{published[1]:.3f}" if published else "",
                _number(standing.mean(method, "auc")),
                _seconds(standing.mean(method, SECONDS)),
            ]
        )


def _source_lines(standing: Standing) -> Iterator[str]:
    """Yield the accuracy on each source."""
    yield from head(["method", *Source])
    for method in standing.methods:
        means = [standing.mean(method, f"accuracy, {source}") for source in Source]
        yield line([method, *map(_share, means)])


def _gap_lines(standing: Standing) -> Iterator[str]:
    """Yield how much of what is knowable each method knows."""
    yield from head(["method", "accuracy", "majority", "Bayes", "gap closed"])
    for method in standing.methods:
        names = ("accuracy, simulated", "majority accuracy", "bayes accuracy", "gap closed")
        means = [standing.mean(method, name) for name in names]
        if means[-1] is not None:
            yield line([method, *map(_share, means)])


def _clothing_lines(standing: Standing) -> Iterator[str]:
    """Yield F1 on clothing reviews: of "recommended", and of both labels weighed by number."""
    yield from head(["method", "accuracy", "F1, recommended", "F1, weighted", "AUC"])
    for method in standing.methods:
        names = ("accuracy", "f1", "weighted f1", "auc")
        means = [standing.mean(method, f"{name}, clothing") for name in names]
        if means[0] is not None:
            yield line([method, _share(means[0]), *map(_number, means[1:])])


def _test_lines(standing: Standing) -> Iterator[str]:
    """Yield how the best LSTM differs from all others."""
    ours = TUNED if TUNED in standing.methods else UNTUNED
    yield from head([f"{ours} less", "points", "p", "p (Holm)"])
    for rival, found in standing.compare_all(ours, "accuracy").items():
        yield line([rival, _points(found), _p(found.p_value), _p(found.p_holm)])


def _test_words(standing: Standing) -> str:
    """Return which tests these are, and why."""
    return f"{ONE_STOCK if standing.is_of_one_stock else FRESH_SEEDS} {HOLM}"


def _points(found: Difference) -> str:
    """Return a difference in points."""
    return _number(Mean(100 * found.value, 100 * found.error), "+.2f")


def _p(p_value: float) -> str:
    """Return a p-value, nothing where there is no test."""
    return "" if np.isnan(p_value) else f"{p_value:.2g}"


def _share(mean: Mean | None) -> str:
    """Return a share in percent."""
    if mean is None:
        return ""
    error = "" if np.isnan(mean.error) else f" ± {100 * mean.error:.1f}"
    return f"{100 * mean.value:.1f}{error} %"


def _number(mean: Mean | None, form: str = ".3f") -> str:
    """Return a number."""
    if mean is None:
        return ""
    error = "" if np.isnan(mean.error) else f" ± {mean.error:{form.lstrip('+')}}"
    return f"{mean.value:{form}}{error}"


def _seconds(mean: Mean | None) -> str:
    """Return seconds."""
    return _number(mean, ".0f" if mean is not None and mean.value >= 10 else ".1f")
