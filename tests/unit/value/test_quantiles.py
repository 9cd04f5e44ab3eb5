"""Distributions become quantiles at LEVELS and a mean."""

import numpy as np
import pytest

from coadapt.value._quantiles import (
    empirical_quantiles,
    prior_of,
    with_prior,
    zero_inflated_log_normal,
)
from coadapt.value.forecasts import LEVEL_WEIGHTS, LEVELS


def forecast(p_spend=0.4, log_mean=1.0, log_deviation=0.5):
    columns = (np.array([value]) for value in (p_spend, log_mean, log_deviation))
    return zero_inflated_log_normal(*columns)


def test_quantiles_add_up_to_the_mean():
    found = forecast()
    assert found.quantiles[0] @ LEVEL_WEIGHTS == pytest.approx(found.expected_spend[0], rel=0.01)
    assert found.expected_spend[0] == pytest.approx(0.4 * np.exp(1.125))


def test_the_share_above_zero_is_the_probability_of_spending():
    assert forecast(p_spend=0.4).p_spend[0] == pytest.approx(0.4, abs=0.02)


def test_a_certain_spender_has_the_median_of_the_log_normal():
    assert forecast(p_spend=1.0).at(0.5)[0] == pytest.approx(np.e, rel=0.01)


def test_no_spender_has_nothing():
    assert forecast(p_spend=0.0).quantiles.max() == 0


def test_the_absurd_stays_finite():
    found = forecast(log_mean=1e6, log_deviation=1e3)
    assert np.isfinite(found.quantiles).all()
    assert np.isfinite(found.expected_spend).all()


def test_a_sample_has_its_own_quantiles():
    np.testing.assert_allclose(empirical_quantiles(np.linspace(0, 1, 101)), LEVELS)


def test_a_prior_takes_the_place_of_some():
    sample = np.array([0.0, 8.0])
    both = with_prior(forecast(), np.array([True]), prior_of(sample))
    assert both.expected_spend.tolist() == [4.0]
    assert both.is_prior.tolist() == [True]
