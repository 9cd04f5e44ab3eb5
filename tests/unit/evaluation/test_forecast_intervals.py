"""Figures of a forecast come with intervals over users."""

from __future__ import annotations

import numpy as np
import pytest

from coadapt.evaluation.forecast_intervals import FIGURES, summarize_forecast
from coadapt.evaluation.forecasting import Evaluated, Outcome
from coadapt.evaluation.metrics.forecast import crps
from coadapt.value.forecasts import N_LEVELS, Forecast


def evaluated(expected: list[float], actual: list[float]) -> Evaluated:
    """Return forecasts without doubt and what came of them."""
    points = np.array(expected)
    forecast = Forecast(np.tile(points[:, None], N_LEVELS), points, np.zeros(len(points), np.bool_))
    spent = np.array(actual)
    users = np.arange(len(points))
    return Evaluated(Outcome(0, users, spent, users % 3), forecast, crps(forecast, spent))


def test_every_figure_has_an_interval_around_it() -> None:
    rng = np.random.default_rng(1)
    actual = rng.lognormal(2, 1, 300)
    figures = summarize_forecast(evaluated((actual + 1).tolist(), actual.tolist()), 50, seed=0)
    assert set(figures) == set(FIGURES)
    assert all(each.low <= each.value <= each.high for each in figures.values())
    assert figures["crps"].value == pytest.approx(1.0, abs=1e-3)


def test_the_same_seed_gives_the_same_interval() -> None:
    one = evaluated([1, 2, 3, 9], [0, 4, 3, 8])
    assert summarize_forecast(one, 20, seed=3) == summarize_forecast(one, 20, seed=3)


def test_a_figure_that_is_not_defined_is_left_out() -> None:
    figures = summarize_forecast(evaluated([1, 2], [0, 0]), 5, seed=0)
    assert set(figures) == {"crps", "mae", "rmse"}


def test_without_draws_the_interval_is_the_figure() -> None:
    mae = summarize_forecast(evaluated([1, 2], [0, 0]), 0, seed=0)["mae"]
    assert (mae.value, mae.low, mae.high) == (1.5, 1.5, 1.5)
