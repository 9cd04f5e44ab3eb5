"""Foresee what a trial that was stopped early would have come to, from the curves before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.tuning.stopping import Curve


class Ended(NamedTuple):
    """Hold a trial's value, lower being better, its curve, and whether it was stopped early."""

    value: float
    curve: Curve
    is_stopped: bool = False


class Foresight:
    """Foresee each trial once, when it ends, from those that ended before.

    What ends later changes nothing: a searcher need not learn anew what it learned of a study's
    beginning.
    """

    def __init__(self) -> None:
        self._past: list[Ended] = []

    def add(self, trial: Ended) -> float:
        """Return the value of a trial that has just ended, as foreseen."""
        value = foreseen(trial, self._past)
        self._past.append(trial)
        return value


def foreseen(trial: Ended, past: Sequence[Ended]) -> float:
    """Return a trial's value, that of a stopped one as it would be at the end.

    From step to step it gains what the median trial did that went on from there, and from the last
    step to its value what the median whole trial did. It never comes to be better than the best
    whole trial. Where no whole trial has a curve, the value stays.
    """
    if not trial.is_stopped:
        return trial.value
    known = [*past, trial]
    values = np.array([each.value for each in known])
    lowest = _lowest_so_far([each.curve for each in known])
    ends = _ends(lowest)
    lasts = lowest[np.arange(len(known)), ends]
    has_curve = np.isfinite(lasts) & np.isfinite(values)
    is_whole = has_curve & ~np.array([each.is_stopped for each in known])
    if not has_curve[-1] or not is_whole.any():
        return trial.value
    gains = [_median(column) for column in np.diff(lowest[:, ends[-1] :], axis=1).T]
    at_end = lasts[-1] + sum(gains) + _median((values - lasts)[is_whole])
    return float(max(at_end, values[is_whole].min()))


def _lowest_so_far(curves: Sequence[Curve]) -> FloatArray:
    """Return the lowest value until each step that anybody reports, NaN after a curve's end."""
    steps = sorted({step for curve in curves for step in curve}) or [0]
    place = {step: index for index, step in enumerate(steps)}
    table = np.full((len(curves), len(steps)), np.nan)
    for row, curve in zip(table, curves, strict=True):
        for step, value in curve.items():
            row[place[step]] = value if np.isfinite(value) else np.nan
    is_over = np.arange(len(steps)) > _ends(table)[:, np.newaxis]
    return np.where(is_over, np.nan, np.fmin.accumulate(table, axis=1))


def _ends(table: FloatArray) -> IntArray:
    """Return the place of each row's last number, the last place where there is none."""
    return np.asarray(table.shape[1] - 1 - np.argmax(np.isfinite(table)[:, ::-1], axis=1), np.int64)


def _median(numbers: FloatArray) -> float:
    """Return the median of the numbers that are there, 0 of none."""
    there = numbers[np.isfinite(numbers)]
    return float(np.median(there)) if len(there) else 0.0
