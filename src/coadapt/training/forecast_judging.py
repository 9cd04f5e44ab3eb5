"""Judge value models at cut-offs, strictly by time: learn before, forecast after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import numpy as np

from coadapt.data.stream import Stream
from coadapt.domain.progress import Progress, no_progress
from coadapt.evaluation.forecast_intervals import FIGURES, summarize_forecast
from coadapt.evaluation.forecasting import Evaluated
from coadapt.evaluation.summary import Summary
from coadapt.training.forecasting import fit_at, fold
from coadapt.training.value_config import ValueRunConfig


@dataclass(frozen=True)
class JudgedAt:
    """Hold the forecasts of one cut-off, and their figures with 95 % intervals over users."""

    evaluated: Evaluated
    summaries: Mapping[str, Summary]

    @property
    def cutoff(self) -> int:
        """Return the instant (epoch ms)."""
        return self.evaluated.outcome.cutoff

    @property
    def n_users(self) -> int:
        """Count who was known by then."""
        return len(self.evaluated.crps)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON-ready values; what is not defined is None."""
        deciles = self.evaluated.deciles
        return {
            "cutoff": day_of(self.cutoff),
            "n_users": self.n_users,
            "metrics": {name: asdict(summary) for name, summary in self.summaries.items()},
            "segments": _without_nan(self.evaluated.to_dict()),
            "deciles": {"expected": deciles.expected.tolist(), "actual": deciles.actual.tolist()},
        }


@dataclass(frozen=True)
class Judged:
    """Hold one model's forecasts at every cut-off."""

    at: tuple[JudgedAt, ...]

    def means(self) -> dict[str, float]:
        """Return each figure's mean over the cut-offs where it is defined."""
        found = {
            name: [at.summaries[name].value for at in self.at if name in at.summaries]
            for name in FIGURES
        }
        return {name: float(np.mean(values)) for name, values in found.items() if values}

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON-ready values."""
        return {"means": self.means(), "cutoffs": [at.to_dict() for at in self.at]}


def judge_at(
    config: ValueRunConfig,
    stream: Stream,
    cutoffs: Sequence[int],
    progress: Progress = no_progress,
) -> Judged:
    """Fit anew before each cut-off and score the forecasts of everybody known by then."""
    return Judged(tuple(_judge(config, stream, cutoff, progress) for cutoff in cutoffs))


def _judge(config: ValueRunConfig, stream: Stream, cutoff: int, progress: Progress) -> JudgedAt:
    """Judge at one cut-off."""
    model, _ = fit_at(config, stream, cutoff - 1, progress)
    fold(model, stream.before(cutoff), progress)
    evaluated = Evaluated.of(model, stream, cutoff)
    training = config.training
    summaries = summarize_forecast(evaluated, training.n_bootstrap, training.seed)
    return JudgedAt(evaluated, summaries)


def day_of(instant: int) -> str:
    """Return the day of an instant in UTC, ISO 8601."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d")


def _without_nan(figures: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float | None]]:
    """Return figures by segment, None where one is not defined."""
    return {
        segment: {name: v if isfinite(v) else None for name, v in row.items()}
        for segment, row in figures.items()
    }
