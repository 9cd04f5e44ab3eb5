"""Say how far the figures of a forecast could be off, by drawing the users again (Efron 1979)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

import numpy as np

from coadapt.data.batches import IntArray
from coadapt.evaluation.forecasting import Evaluated, Outcome
from coadapt.evaluation.summary import Summary, summarize_draws
from coadapt.value.forecasts import Forecast

FIGURES: Final = ("crps", "mae", "rmse", "spearman", "gini", "total_ratio", "decile_mape")


def summarize_forecast(evaluated: Evaluated, n_bootstrap: int, seed: int) -> dict[str, Summary]:
    """Return each figure with its 95 % interval over users; what is not defined is left out."""
    value = asdict(evaluated.figures())
    draws = [asdict(each.figures()) for each in _resamples(evaluated, n_bootstrap, seed)]
    return {
        name: summarize_draws(value[name], [draw[name] for draw in draws])
        for name in FIGURES
        if np.isfinite(value[name])
    }


def _resamples(evaluated: Evaluated, n_bootstrap: int, seed: int) -> Iterator[Evaluated]:
    """Yield the scores of users drawn anew."""
    rng = np.random.default_rng(seed)
    n_users = len(evaluated.crps)
    for _ in range(n_bootstrap if n_users else 0):
        yield _taken(evaluated, rng.integers(0, n_users, n_users))


def _taken(evaluated: Evaluated, users: IntArray) -> Evaluated:
    """Return the scores of some users; quantiles are in them already and stay behind."""
    outcome, forecast = evaluated.outcome, evaluated.forecast
    return Evaluated(
        Outcome(
            outcome.cutoff, outcome.users[users], outcome.actual[users], outcome.segments[users]
        ),
        Forecast(
            forecast.quantiles[:, :0][users],
            forecast.expected_spend[users],
            forecast.is_prior[users],
        ),
        evaluated.crps[users],
    )
