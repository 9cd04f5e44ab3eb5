"""Compare two evaluations user by user: is the second really better?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from coadapt.data.batches import FloatArray
from coadapt.domain.errors import DataError
from coadapt.evaluation.bootstrap import bootstrap_means, percentile_interval
from coadapt.evaluation.offline import Evaluation

SIGNS_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold how one metric differs: the second evaluation less the first, over the same users.

    `low` to `high` is the 95 % interval of a paired bootstrap over users. Three p-values answer
    the same question by other assumptions; `p_holm` is that of the sign-flip test, corrected for
    the number of metrics compared (Holm 1979).
    """

    metric: str
    n_users: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p_t: float
    p_wilcoxon: float
    p_sign_flip: float
    p_holm: float


def compare(
    first: Evaluation,
    second: Evaluation,
    metrics: Sequence[str] | None = None,
    *,
    n_bootstrap: int = 1000,
    n_sign_flips: int = 9999,
    seed: int = 0,
) -> list[Difference]:
    """Compare metrics such as "ndcg@10", by default all that both have a value a user for.

    Raises DataError where the evaluations are not of the same users, or lack a metric asked for.
    """
    names = _names_to_compare(first, second, metrics)
    before, after = (_columns(side, names) for side in (first, second))
    gains = after - before
    is_compared = np.count_nonzero(~np.isnan(gains), axis=0) > 0
    kept = [name for name, is_kept in zip(names, is_compared, strict=True) if is_kept]
    gains, before, after = (side[:, is_compared] for side in (gains, before, after))
    if not kept:
        return []
    p_flips = _p_sign_flips(gains, n_sign_flips, seed)
    lows, highs = percentile_interval(bootstrap_means(gains, n_bootstrap, seed))
    ends = zip(lows, highs, p_flips, holm(p_flips), strict=True)
    return [
        _difference(name, before[:, i], after[:, i], [float(x) for x in of_metric])
        for i, (name, of_metric) in enumerate(zip(kept, ends, strict=True))
    ]


def _names_to_compare(
    first: Evaluation, second: Evaluation, metrics: Sequence[str] | None
) -> list[str]:
    """Return the metrics asked for, or all that are shared. Raises DataError."""
    if not np.array_equal(first.users, second.users):
        raise DataError("the two evaluations are of different users: evaluate both on one split")
    shared = [name for name in first.values if name in second.values]
    names = shared if metrics is None else list(metrics)
    if not set(names) <= set(shared):
        raise DataError(f"not every metric is in both evaluations; shared: {', '.join(shared)}")
    return names


def holm(p_values: FloatArray) -> FloatArray:
    """Correct p-values of several tests, shape (n,), so that any false alarm stays rare."""
    order = np.argsort(p_values)
    n_left = len(p_values) - np.arange(len(p_values))
    corrected = np.minimum(1.0, np.maximum.accumulate(p_values[order] * n_left))
    result = np.empty(len(p_values))
    result[order] = corrected
    return result


def _difference(
    name: str, before: FloatArray, after: FloatArray, of_metric: list[float]
) -> Difference:
    """Sum up one metric; `of_metric` is its interval's ends and the two p-values of sign flips."""
    is_defined = ~np.isnan(before) & ~np.isnan(after)
    before, after = before[is_defined], after[is_defined]
    low, high, p_sign_flip, p_holm = of_metric
    return Difference(
        metric=name,
        n_users=len(before),
        first=float(before.mean()),
        second=float(after.mean()),
        difference=float((after - before).mean()),
        low=low,
        high=high,
        p_t=_p_paired_t(after - before),
        p_wilcoxon=_p_wilcoxon(after - before),
        p_sign_flip=p_sign_flip,
        p_holm=p_holm,
    )


def _columns(evaluation: Evaluation, names: list[str]) -> FloatArray:
    """Return the values of these metrics, shape (n_users, n_metrics)."""
    return np.stack([evaluation.values[name] for name in names], axis=1)


def _p_paired_t(gains: FloatArray) -> float:
    """Return the two-sided p-value of Student's paired test; 1 where it cannot tell."""
    if len(gains) < 2:
        return 1.0
    mean, error = float(gains.mean()), float(gains.std(ddof=1)) / np.sqrt(len(gains))
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * stats.t.sf(abs(mean) / error, len(gains) - 1))


def _p_wilcoxon(gains: FloatArray) -> float:
    """Return the two-sided p-value of the signed-rank test with Pratt's treatment of zeros."""
    if not gains.any():
        return 1.0
    return float(stats.wilcoxon(gains, zero_method="pratt", method="approx").pvalue)


def _p_sign_flips(gains: FloatArray, n_flips: int, seed: int) -> FloatArray:
    """Return how often random signs make a column's sum as far from zero (Fisher 1935).

    `gains` has shape (n_users, n_columns), NaN where undefined.
    """
    filled = np.nan_to_num(gains).astype(np.float32)
    total = filled.sum(axis=0, dtype=np.float64)
    n_as_far = np.zeros(gains.shape[1])
    rng = np.random.default_rng(seed)
    step = max(1, SIGNS_AT_ONCE // max(1, len(filled)))
    for start in range(0, n_flips, step):
        shape = (min(step, n_flips - start), len(filled))
        signs = (2 * rng.integers(0, 2, shape, np.int8) - 1).astype(np.float32)
        # Sums of the same size must count as far, whatever the order they were added in.
        n_as_far += (np.abs(signs @ filled) >= np.abs(total) * (1 - 1e-5)).sum(axis=0)
    return (1 + n_as_far) / (1 + n_flips)
