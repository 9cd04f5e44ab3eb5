"""Sums of a random number of purchases have quantiles."""

import numpy as np
import pytest

from coadapt.value._compound import unit_quantiles
from coadapt.value._gamma_gamma import Prices
from coadapt.value.forecasts import LEVEL_WEIGHTS, LEVELS

PRICES = Prices(p=6.25, q=3.74, v=15.44)


def test_quantiles_of_sums_add_up_to_the_mean():
    chances = np.array([[0.2, 0.5, 0.3]])
    quantiles = unit_quantiles(PRICES, chances, np.array([4.0]))
    mean = 1.1 * 6.25 / (3.74 + 25 - 1)
    assert quantiles[0] @ LEVEL_WEIGHTS == pytest.approx(mean, rel=0.01)
    assert (quantiles[0] == 0) @ LEVEL_WEIGHTS == pytest.approx(0.2, abs=0.02)


def test_quantiles_are_those_of_a_simulation():
    rng = np.random.default_rng(0)
    counts = rng.choice(4, 400_000, p=[0.6, 0.2, 0.15, 0.05])
    rates = rng.gamma(3.74 + 6.25 * 2, 1.0, 400_000)
    sums = np.where(counts > 0, rng.gamma(6.25 * np.maximum(counts, 1)) / rates, 0)
    found = unit_quantiles(PRICES, np.array([[0.6, 0.2, 0.15, 0.05]]), np.array([2.0]))[0]
    middle = (LEVELS > 0.62) & (LEVELS < 0.99)
    expected = np.quantile(sums, LEVELS)
    np.testing.assert_allclose(found[middle], expected[middle], rtol=0.05, atol=0.02)


def test_who_will_not_buy_spends_nothing():
    assert unit_quantiles(PRICES, np.array([[1.0, 0.0]]), np.array([2.0])).max() == 0
