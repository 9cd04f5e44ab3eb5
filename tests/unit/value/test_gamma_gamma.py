"""Gamma-Gamma prices purchases by what a customer and all others paid."""

import numpy as np
import pytest

from coadapt.value._gamma_gamma import Paid, Prices, expected_amount, fit_prices, sums_in_units

PRICES = Prices(p=6.25, q=3.74, v=15.44)


def test_fitting_finds_the_prices_that_made_the_data():
    rng = np.random.default_rng(0)
    n = rng.integers(1, 9, 20_000)
    rate = rng.gamma(4.0, 1 / 15.0, 20_000)
    fitted = fit_prices(Paid(n.astype(float), rng.gamma(6.0 * n, 1 / (rate * n))))
    assert np.array(fitted) == pytest.approx([6.0, 4.0, 15.0], rel=0.05)


def test_who_paid_much_is_expected_to_pay_much():
    paid = Paid(np.array([0.0, 3.0, 3.0]), np.array([0.0, 20.0, 200.0]))
    nobody, little, much = expected_amount(PRICES, paid)
    assert nobody == pytest.approx(6.25 * 15.44 / 2.74)
    assert little < nobody < much


def test_a_scale_of_amounts_is_a_scale_of_v():
    rng = np.random.default_rng(0)
    n, mean = rng.integers(1, 9, 500).astype(float), rng.gamma(4.0, 10.0, 500)
    small, large = (fit_prices(Paid(n, mean * scale)) for scale in (1.0, 1000.0))
    assert large.v == pytest.approx(1000 * small.v, rel=1e-3)


def test_without_a_priced_customer_prices_are_still_usable():
    nobody = np.empty(0)
    assert np.isfinite(np.array(fit_prices(Paid(nobody, nobody)))).all()


def test_no_purchase_to_come_costs_nothing():
    past, level = np.array([3, 3]), np.array([0.5, 0.5])
    nothing, one = sums_in_units(PRICES, past, np.array([0, 1]), level)
    assert nothing == 0 < one
