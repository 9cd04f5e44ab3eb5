"""Forecasts are scored by nearness, order and calibration."""

import numpy as np
import pytest

from coadapt.evaluation.metrics.forecast import (
    Deciles,
    crps,
    normalised_gini,
    rmse,
    spearman,
    total_ratio,
)
from coadapt.value.forecasts import LEVELS, N_LEVELS, Forecast

ACTUAL = np.array([0.0, 3.0, 10.0])
UPHILL = np.arange(100.0)


def forecast(quantiles):
    n_users = len(quantiles)
    return Forecast(np.asarray(quantiles), np.zeros(n_users), np.zeros(n_users, bool))


def test_without_doubt_crps_is_the_absolute_error():
    points = forecast(np.full((3, N_LEVELS), 4.0))
    assert crps(points, ACTUAL) == pytest.approx([4.0, 1.0, 6.0], rel=1e-3)


def test_crps_of_a_uniform_forecast_is_that_of_the_integral():
    # ∫ (F(x) - 1{x ≥ y})² dx from 0 to 1 is (y³ + (1 - y)³) / 3.
    found = crps(forecast([LEVELS, LEVELS]), np.array([0.5, 1.0]))
    assert found == pytest.approx([1 / 12, 1 / 3], rel=2e-3)


def test_rmse_weighs_large_errors_more():
    assert rmse(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == pytest.approx(np.sqrt(12.5))


def test_any_rising_forecast_has_the_order_right():
    assert spearman(UPHILL**3, UPHILL) == pytest.approx(1)
    assert normalised_gini(UPHILL**3, UPHILL) == pytest.approx(1)


def test_the_reverse_order_is_as_wrong_as_can_be():
    assert normalised_gini(-UPHILL, UPHILL) == pytest.approx(-1)


def test_equal_forecasts_have_no_order():
    assert normalised_gini(np.ones(100), UPHILL) == pytest.approx(0)
    assert np.isnan(spearman(np.ones(100), UPHILL))


def test_gini_is_the_share_of_the_perfect_gain():
    # Sorted by forecast, gains of 6, 1, 3 lie above the diagonal by 4/3 of a possible 5/3.
    assert normalised_gini(np.array([3.0, 2, 1]), np.array([6.0, 1, 3])) == pytest.approx(3 / 5)


def test_without_spend_there_is_no_gini_and_no_ratio():
    assert np.isnan(normalised_gini(UPHILL, np.zeros(100)))
    assert np.isnan(total_ratio(UPHILL, np.zeros(100)))


def test_the_ratio_of_totals_tells_too_much_from_too_little():
    assert total_ratio(2 * UPHILL, UPHILL) == 2


def test_deciles_hold_the_means_of_tenths():
    deciles = Deciles.of(UPHILL, 2 * UPHILL)
    assert deciles.expected.tolist() == (np.arange(10) * 10 + 4.5).tolist()
    assert deciles.mape == pytest.approx(0.5)


def test_deciles_of_few_users_are_fewer():
    assert len(Deciles.of(ACTUAL, ACTUAL).actual) == 3


def test_deciles_without_spend_have_no_relative_error():
    assert np.isnan(Deciles.of(UPHILL, np.zeros(100)).mape)
