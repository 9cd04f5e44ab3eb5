"""Evaluate value models at cut-offs, strictly by time: learn before, forecast after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.evaluation.metrics.forecast import (
    Deciles,
    crps,
    normalised_gini,
    rmse,
    spearman,
    total_ratio,
)
from coadapt.value.base import ValueModel
from coadapt.value.forecasts import Forecast
from coadapt.value.spending import net_amounts, spend_between, users_before

SEGMENTS: Final = ("new", "low", "high")
"""First met within the last horizon; of the others, those below or above their median spend."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold who was known before a cut-off (epoch ms) and what they spent after, shape (n,).

    `segments` are rows of SEGMENTS.
    """

    cutoff: int
    users: IntArray
    actual: FloatArray
    segments: IntArray

    @classmethod
    def after(
        cls, stream: Stream, cutoff: int, spending: Mapping[str, float], days: int
    ) -> Outcome:
        """Return the users with an event before a cut-off and their net spend in the days after."""
        amounts = net_amounts(stream, spending)
        users = users_before(stream, cutoff)
        horizon_ms = days * DAY_MS
        actual = spend_between(stream, amounts, users, cutoff, cutoff + horizon_ms)
        past = stream.before(cutoff)
        spent = spend_between(past, net_amounts(past, spending), users, 0, cutoff)
        first = np.full(stream.n_users, cutoff)
        np.minimum.at(first, past.users, past.times)
        is_new = first[users] >= cutoff - horizon_ms
        return cls(cutoff, users, actual, _segments(is_new, spent))


def _segments(is_new: BoolArray, spent: FloatArray) -> IntArray:
    """Return the row of each user's segment."""
    median = np.median(spent[~is_new]) if not is_new.all() else 0.0
    return np.where(is_new, 0, np.where(spent > median, 2, 1))


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold the scores of one model's forecasts; amounts in currency."""

    n_users: int
    crps: float
    mae: float
    rmse: float
    spearman: float
    gini: float
    total_ratio: float
    decile_mape: float


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Hold one model's forecasts at a cut-off, a user each, and their scores."""

    outcome: Outcome
    forecast: Forecast
    crps: FloatArray

    @classmethod
    def of(cls, model: ValueModel[Any], stream: Stream, cutoff: int) -> Evaluated:
        """Let a model that holds what was known before a cut-off forecast, and score it."""
        config = model.config
        outcome = Outcome.after(stream, cutoff, config.spend_types, config.horizon_days)
        forecast = model.value(outcome.users, cutoff)
        return cls(outcome, forecast, crps(forecast, outcome.actual))

    def figures(self, segment: str | None = None) -> Figures:
        """Return the scores over everybody or over one of SEGMENTS."""
        kept = np.ones(len(self.crps), np.bool_)
        if segment is not None:
            kept = self.outcome.segments == SEGMENTS.index(segment)
        expected, actual = self.forecast.expected_spend[kept], self.outcome.actual[kept]
        if not kept.any():
            return Figures(0, *[float("nan")] * 7)
        return Figures(
            n_users=int(kept.sum()),
            crps=float(self.crps[kept].mean()),
            mae=float(np.abs(expected - actual).mean()),
            rmse=rmse(expected, actual),
            spearman=spearman(expected, actual),
            gini=normalised_gini(expected, actual),
            total_ratio=total_ratio(expected, actual),
            decile_mape=Deciles.of(expected, actual).mape,
        )

    @property
    def deciles(self) -> Deciles:
        """Return means forecast and actual of each tenth of the users."""
        return Deciles.of(self.forecast.expected_spend, self.outcome.actual)

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as JSON-ready values."""
        return {
            "all": asdict(self.figures()),
            **{segment: asdict(self.figures(segment)) for segment in SEGMENTS},
        }


def evaluate_at(
    models: Mapping[str, ValueModel[Any]], stream: Stream, cutoff: int, resources: Resources
) -> dict[str, Evaluated]:
    """Fit models on what was known before a cut-off and score what each says of those known."""
    past = stream.before(cutoff)
    results = {}
    for name, model in models.items():
        model.fit(past, resources, cutoff)
        model.update(past)
        results[name] = Evaluated.of(model, stream, cutoff)
    return results


def evaluate_rolling(
    models: Mapping[str, ValueModel[Any]],
    stream: Stream,
    cutoffs: list[int],
    resources: Resources,
) -> dict[int, dict[str, Evaluated]]:
    """Evaluate at each cut-off (epoch ms), every model fitted anew."""
    return {cutoff: evaluate_at(models, stream, cutoff, resources) for cutoff in cutoffs}
