"""A click rate is told with an interval that covers the truth as often as it says."""

import math

import numpy as np
import pytest

from coadapt.simulation.click_rate import ClickRate, wilson


def counted(slates: list[tuple[int, int, int]], n_shoppers: int = 400) -> ClickRate:
    rate = ClickRate(n_shoppers)
    for slate in slates:
        rate.add(*slate)
    return rate


def test_the_rate_is_clicks_over_exposures() -> None:
    rate = counted([(0, 10, 1), (1, 10, 3), (1, 20, 0)]).rate()
    assert (rate.n_shoppers, rate.n_slates, rate.n_exposures, rate.n_clicks) == (2, 3, 40, 4)
    assert rate.value == 0.1


def test_before_the_first_exposure_nothing_is_known() -> None:
    rate = counted([]).rate()
    assert math.isnan(rate.value)
    assert (rate.low, rate.high) == (0, 1)


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_no_click_yet_does_not_mean_never() -> None:
    rate = counted([(0, 10, 0), (1, 10, 0)]).rate()
    assert rate.low == 0
    assert 0.1 < rate.high < 0.25


def test_clicks_of_few_shoppers_leave_more_doubt_than_of_many() -> None:
    few = counted([(n % 4, 10, 4 * (n % 4 == 0)) for n in range(400)]).rate()
    many = counted([(n, 10, 4 * (n % 4 == 0)) for n in range(400)]).rate()
    assert few.value == many.value
    assert few.high - few.low > 3 * (many.high - many.low)


def test_the_interval_covers_the_truth_in_95_of_100_worlds_of_unlike_shoppers() -> None:
    random = np.random.default_rng(3)
    chances = random.beta(2, 18, (500, 80))
    clicks = random.binomial(30, chances)
    rates = [counted([(n, 30, c) for n, c in enumerate(row.tolist())]).rate() for row in clicks]
    share = np.mean([rate.low <= 0.1 <= rate.high for rate in rates])
    assert 0.92 <= share <= 0.98
