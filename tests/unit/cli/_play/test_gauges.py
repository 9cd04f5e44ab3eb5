"""Gauges tell rates of the last seconds and of all, and how long answers took."""

import pytest

from coadapt.cli._play.gauges import Gauges


def test_nothing_has_no_rate_and_no_latency() -> None:
    gauges = Gauges(started_s=0.0)
    assert gauges.recent_rates() == (0, 0)
    assert gauges.latency_ms(0.99) == 0


def test_recent_rates_forget_what_was_long_ago() -> None:
    gauges = Gauges(started_s=0.0, n_events=1000)
    gauges.mark(100.0)
    gauges.n_events, gauges.n_recommendations = 1020, 8
    gauges.mark(104.0)
    assert gauges.recent_rates() == (5, 2)
    gauges.mark(108.0)
    assert gauges.recent_rates() == (0, 0)


def test_overall_rates_count_from_the_start() -> None:
    assert Gauges(started_s=10.0, n_events=40, n_recommendations=10).overall_rates(30.0) == (2, 0.5)


def test_the_median_latency_is_the_middle_one() -> None:
    gauges = Gauges(started_s=0.0)
    gauges.latencies_ms.extend([9.0, 1.0, 5.0])
    assert gauges.latency_ms(0.5) == pytest.approx(5)
