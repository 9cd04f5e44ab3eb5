"""People are told apart as a marketer would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.testing.tiny import FIRST_DAY_MS, SHOPPING_DAYS, shoppers
from coadapt.value.segments import (
    CHANGE_DAYS,
    SEGMENTS,
    SegmentThresholds,
    Standing,
    depends_on_change,
    gaps_between_visits,
    learn_thresholds,
    segments_of,
    spans_of,
)

THRESHOLDS = SegmentThresholds(
    new_days=10.0,
    dormant_days=60.0,
    loyal_spend=50.0,
    rising_change=0.5,
    fading_change=-0.5,
    floor=1.0,
)


def standing(**changes: float | bool) -> Standing:
    """Return one person: known for long, here yesterday, a high forecast that did not change."""
    person = {
        "expected_spend": 100.0,
        "expected_before": 100.0,
        "recency_days": 1.0,
        "tenure_days": 300.0,
        "is_known": True,
    } | changes
    return Standing(**{name: np.array([value]) for name, value in person.items()})


def segment(**changes: float | bool) -> str:
    return SEGMENTS[int(segments_of(standing(**changes), THRESHOLDS)[0])]


def test_a_high_and_steady_forecast_is_loyal() -> None:
    assert segment() == "loyal"


def test_who_was_never_seen_is_unknown() -> None:
    assert segment(is_known=False, recency_days=np.nan, tenure_days=np.nan) == "unknown"


def test_who_came_first_last_week_is_new_whatever_the_forecast() -> None:
    assert segment(tenure_days=7.0, expected_before=np.nan, expected_spend=500.0) == "new"


def test_who_is_silent_for_long_is_dormant_even_if_new_or_rich() -> None:
    assert segment(recency_days=61.0, tenure_days=61.0) == "dormant"


def test_a_forecast_that_doubled_rises() -> None:
    assert segment(expected_before=45.0) == "rising"


def test_a_forecast_that_halved_fades() -> None:
    assert segment(expected_before=250.0) == "fading"


@pytest.mark.parametrize(("before", "expected"), [(19.0, "rising"), (21.0, "fading")])
def test_a_low_forecast_goes_by_its_direction(before: float, expected: str) -> None:
    assert segment(expected_spend=20.0, expected_before=before) == expected


def test_a_low_forecast_that_did_not_change_fades() -> None:
    assert segment(expected_spend=20.0, expected_before=20.0) == "fading"


def test_a_low_forecast_of_who_was_unknown_a_week_ago_rises() -> None:
    assert segment(expected_spend=20.0, expected_before=np.nan) == "rising"


def test_nobody_gets_no_segments() -> None:
    nobody = np.empty(0)
    empty = Standing(nobody, nobody, nobody, nobody, np.empty(0, np.bool_))
    assert len(segments_of(empty, THRESHOLDS)) == 0


def test_thresholds_are_quantiles_of_the_people() -> None:
    everyone = np.arange(1.0, 102.0)
    people = Standing(everyone, everyone, everyone, everyone, np.ones(101, np.bool_))
    learned = learn_thresholds(people, gaps_days=np.arange(0.0, 101.0))
    assert (learned.new_days, learned.dormant_days, learned.loyal_spend) == (75.0, 95.0, 51.0)
    assert (learned.rising_change, learned.fading_change) == (0.0, 0.0)
    told = segments_of(replace(people, recency_days=np.zeros(101)), learned)
    assert np.bincount(told, minlength=len(SEGMENTS)).tolist() == [0, 75, 0, 26, 0, 0]


def test_where_there_is_nothing_to_learn_from_thresholds_are_still_finite() -> None:
    nobody = np.empty(0)
    empty = Standing(nobody, nobody, nobody, nobody, np.empty(0, np.bool_))
    learned = learn_thresholds(empty, gaps_days=nobody)
    assert all(np.isfinite(getattr(learned, name)) for name in SegmentThresholds.__slots__)


def test_gaps_are_between_sessions_of_one_person() -> None:
    stream = shoppers()
    gaps = gaps_between_visits(stream, session_minutes=30)
    assert (gaps > 30 / 1440).all()
    assert gaps.max() < SHOPPING_DAYS


def test_recency_and_tenure_are_of_each_persons_own_events() -> None:
    stream = shoppers().take(slice(0, 1))
    users = np.array([stream.users[0], (stream.users[0] + 1) % stream.n_users])
    as_of = int(stream.times[0]) + CHANGE_DAYS * DAY_MS
    recency, tenure = spans_of(stream, users, as_of)
    np.testing.assert_array_equal(recency, [CHANGE_DAYS, np.nan])
    np.testing.assert_array_equal(tenure, [CHANGE_DAYS, np.nan])
    assert as_of > FIRST_DAY_MS


def test_only_of_who_is_neither_new_nor_dormant_the_change_is_asked() -> None:
    recency, tenure = np.array([1.0, 1.0, 61.0]), np.array([300.0, 5.0, 300.0])
    assert depends_on_change(recency, tenure, THRESHOLDS).tolist() == [True, False, False]
