"""Turn evaluated forecasts into result rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from contest.rows import Occasion, Row
from contest.scoring import over_seeds

from coadapt.evaluation.forecast_comparison import Duel, crps_difference, gini_difference
from coadapt.evaluation.forecasting import SEGMENTS, Evaluated
from coadapt.evaluation.summary import summarize_means
from forecasts.turn import Turn

N_BOOTSTRAP: Final = 1000
BY_SEGMENT: Final = ("n_users", "crps", "mae", "total_ratio")
AVERAGED: Final = ("crps", "mae", "rmse", "spearman", "gini", "decile_mape")


def turn_rows(occasion: Occasion, facts: Mapping[str, Any], turn: Turn) -> Iterator[Row]:
    """Yield the rows of one model at one cut-off.

    They are the figures of each seed and their mean, those of segments and deciles for the first
    seed, and the settings that were chosen.
    """
    facts = {**facts, "seconds": round(turn.seconds, 2)}
    rows = [
        row
        for seed, evaluated in turn.by_seed.items()
        for row in _figure_rows(occasion, {**facts, "seed": seed}, evaluated)
    ]
    yield from rows
    yield from over_seeds(rows)
    yield from _detail_rows(occasion, facts, _first(turn))
    yield occasion.row("validation crps", turn.validation_crps, **facts)
    for name, value in turn.setting.items():
        if isinstance(value, (int, float)):
            yield occasion.row(f"chosen {name}", value, **facts)


def _figure_rows(occasion: Occasion, facts: dict[str, Any], evaluated: Evaluated) -> Iterator[Row]:
    """Yield every figure of one seed over all users."""
    interval = summarize_means({"crps": evaluated.crps}, N_BOOTSTRAP, seed=0)["crps"]
    limits = {"low": round(interval.low, 5), "high": round(interval.high, 5)}
    for metric, value in _finite(asdict(evaluated.figures())).items():
        yield occasion.row(metric, value, **facts, **(limits if metric == "crps" else {}))


def _detail_rows(
    occasion: Occasion, facts: Mapping[str, Any], evaluated: Evaluated
) -> Iterator[Row]:
    """Yield the figures of each segment and each decile."""
    for segment in SEGMENTS:
        figures = _finite(asdict(evaluated.figures(segment)))
        for metric in (name for name in BY_SEGMENT if name in figures):
            yield occasion.row(f"{metric}, {segment}", figures[metric], **facts)
    deciles = evaluated.deciles
    pairs = zip(deciles.expected, deciles.actual, strict=True)
    for number, (expected, actual) in enumerate(pairs, start=1):
        yield occasion.row(f"expected, decile {number}", float(expected), **facts)
        yield occasion.row(f"actual, decile {number}", float(actual), **facts)


def _finite(figures: dict[str, float]) -> dict[str, float]:
    """Return the figures that are defined."""
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def difference_rows(
    occasion: Occasion, facts: Mapping[str, Any], turns: Sequence[Mapping[str, Turn]], method: str
) -> Iterator[Row]:
    """Yield how one method, over its seeds, differs from every other at cut-offs, users paired."""
    for rival in (name for name in turns[0] if name != method):
        duels = [Duel(_seeds(turn[rival]), _seeds(turn[method])) for turn in turns]
        for metric, compare in (("crps", crps_difference), ("gini", gini_difference)):
            found = compare(duels)
            limits = {"low": round(found.low, 5), "high": round(found.high, 5)}
            yield occasion.row(
                f"{metric} less {rival}'s", found.value, **facts, method=method, **limits
            )


def _first(turn: Turn) -> Evaluated:
    """Return the evaluation of the first seed."""
    return next(iter(turn.by_seed.values()))


def _seeds(turn: Turn) -> list[Evaluated]:
    """Return the evaluations of all seeds."""
    return [*turn.by_seed.values()]


def mean_rows(
    occasion: Occasion, facts: Mapping[str, Any], turns: Sequence[Mapping[str, Turn]]
) -> Iterator[Row]:
    """Yield each model's figures averaged over cut-offs and seeds."""
    for name in turns[0]:
        figures = [
            asdict(evaluated.figures())
            for turn in turns
            for evaluated in turn[name].by_seed.values()
        ]
        for metric in AVERAGED:
            mean = float(np.mean([each[metric] for each in figures]))
            yield occasion.row(metric, mean, **facts, method=name)
        off = float(np.mean([abs(each["total_ratio"] - 1) for each in figures]))
        yield occasion.row("total off by", off, **facts, method=name)
