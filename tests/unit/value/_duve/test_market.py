from dataclasses import replace

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.value._duve.arrivals import NO_ARRIVALS, Arrivals
from coadapt.value._duve.market import N_MARKET, RATES, Market

N_DAYS = 400


def a_purchase_a_day(amount: float = 9.0) -> Arrivals:
    rows = np.zeros(N_DAYS, np.int64)
    amounts = np.full(N_DAYS, amount)
    times = np.arange(N_DAYS) * DAY_MS
    return Arrivals(rows, rows - 1, rows - 1, rows, times, amounts, amounts, amounts)


def folded(arrivals: Arrivals) -> Market:
    market = Market()
    market.fold(arrivals, (np.arange(len(arrivals)) == 0).astype(float))
    return market


def test_a_steady_market_is_read_as_its_rate_at_every_scale() -> None:
    numbers = folded(a_purchase_a_day()).at(np.array([N_DAYS * DAY_MS]))[0]
    assert numbers.shape == (N_MARKET,)
    assert np.exp(numbers[: len(RATES)]) == pytest.approx(1.0, abs=0.06)
    assert numbers[len(RATES) :] == pytest.approx(np.log1p(9.0), rel=1e-3)


def test_the_past_is_read_as_it_was_then() -> None:
    arrivals = a_purchase_a_day()
    market = Market()
    is_new = (np.arange(N_DAYS) == 0).astype(float)
    trace = market.fold(arrivals, is_new)
    then = np.array([100 * DAY_MS + 1])
    early = folded(arrivals.take(slice(0, 101)))
    was = market.at_past(trace, np.array([101]), then)
    assert was == pytest.approx(early.at(then), rel=1e-6)


def test_a_past_long_before_the_next_event_can_be_read() -> None:
    purchases = a_purchase_a_day().take(slice(0, 3))
    gap = replace(purchases, times=np.array([0, 1, 20_000]) * DAY_MS)
    market = Market()
    trace = market.fold(gap, np.array([1.0, 0.0, 0.0]))
    then = np.array([2, 19_000, 20_001]) * DAY_MS
    was = market.at_past(trace, np.array([2, 2, 3]), then)
    early = folded(gap.take(slice(0, 2)))
    assert was[:2] == pytest.approx(early.at(then[:2]), rel=1e-6)
    assert was[2:] == pytest.approx(market.at(then[2:]), rel=1e-6)


def test_an_empty_market_can_be_read() -> None:
    assert np.isfinite(folded(NO_ARRIVALS).at(np.array([5]))).all()


def test_refunds_are_no_purchases() -> None:
    refunds = replace(a_purchase_a_day(), amounts=np.full(N_DAYS, -9.0))
    now = np.array([N_DAYS * DAY_MS])
    assert folded(refunds).at(now)[0, 0] == pytest.approx(np.log(1e-5))
