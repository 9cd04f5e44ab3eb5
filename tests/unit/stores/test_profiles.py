"""A profile holds what was said by an instant, the newest last, whenever it arrived."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.stores._profiles import Profiles

LATE = 10**15
ANN, BOB = 0, 1
SAID = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=8)


def _user(**properties: Any) -> dict[str, Any]:
    return {"properties": {"properties": properties}}


def _consent(*, personalized: bool) -> dict[str, Any]:
    return {"properties": {"personalization": personalized}}


@pytest.fixture
def profiles() -> Profiles:
    return Profiles()


def test_a_stranger_said_nothing_and_is_personalized(profiles: Profiles) -> None:
    assert not profiles.is_known(ANN, as_of=LATE)
    assert (profiles.properties(ANN, as_of=LATE), profiles.follows(ANN, as_of=LATE)) == ({}, ())
    assert profiles.is_personalized(ANN, as_of=LATE)


def test_newer_properties_replace_older_of_the_same_name(profiles: Profiles) -> None:
    profiles.fold(ANN, "$user", (1, 1), _user(city="Basel", age=30))
    profiles.fold(ANN, "$user", (2, 2), _user(city="Bern"))
    assert profiles.properties(ANN, as_of=LATE) == {"city": "Bern", "age": 30}
    assert profiles.properties(ANN, as_of=1) == {"city": "Basel", "age": 30}


def test_what_arrives_late_does_not_replace_what_is_newer(profiles: Profiles) -> None:
    profiles.fold(ANN, "$user", (5, 1), _user(city="Bern"))
    profiles.fold(ANN, "$user", (3, 2), _user(city="Basel"))
    assert profiles.properties(ANN, as_of=LATE) == {"city": "Bern"}


def test_somebody_is_known_from_their_first_word_on(profiles: Profiles) -> None:
    profiles.fold(ANN, "$consent", (5, 1), _consent(personalized=True))
    assert [profiles.is_known(ANN, as_of=at) for at in (4, 5)] == [False, True]


@pytest.mark.parametrize("body", [{"target_user_id": "bob"}, {"host_id": "bob"}])
def test_a_follow_names_a_person_or_a_host(profiles: Profiles, body: dict[str, str]) -> None:
    profiles.fold(ANN, "follow", (1, 1), body)
    assert profiles.follows(ANN, as_of=LATE) == ("bob",)


def test_a_follow_of_nobody_is_no_follow(profiles: Profiles) -> None:
    profiles.fold(ANN, "follow", (1, 1), {})
    assert profiles.follows(ANN, as_of=LATE) == ()


def test_whom_one_follows_longest_comes_first_and_once(profiles: Profiles) -> None:
    profiles.fold(ANN, "follow", (2, 1), {"host_id": "bob"})
    profiles.fold(ANN, "$user", (1, 2), {"properties": {"follows": ["eve", "bob"]}})
    assert profiles.follows(ANN, as_of=LATE) == ("eve", "bob")
    assert profiles.follows(ANN, as_of=0) == ()


@given(said=SAID, as_of=st.integers(0, 5))
def test_the_newest_consent_counts_in_whatever_order_it_came(said, as_of) -> None:
    profiles = Profiles()
    for position, (time, personalized) in enumerate(said):
        profiles.fold(ANN, "$consent", (time, position), _consent(personalized=personalized))
    heard = [(time, place, yes) for place, (time, yes) in enumerate(said) if time <= as_of]
    expected = max(heard)[2] if heard else True
    assert profiles.is_personalized(ANN, as_of=as_of) == expected


@given(said=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=8))
def test_after_a_merge_it_is_as_if_one_had_said_it_all(said) -> None:
    apart, together = Profiles(), Profiles()
    for position, (is_ann, time) in enumerate(said):
        event = ("$user", (time, position), _user(n=position))
        apart.fold(ANN if is_ann else BOB, *event)
        together.fold(BOB, *event)
    apart.merge(ANN, BOB)
    assert apart.properties(BOB, as_of=LATE) == together.properties(BOB, as_of=LATE)
    assert apart.properties(ANN, as_of=LATE) == {}


def test_an_opt_out_survives_a_merge_in_either_direction(profiles: Profiles) -> None:
    profiles.fold(ANN, "$consent", (1, 1), _consent(personalized=False))
    profiles.merge(BOB, ANN)
    profiles.merge(ANN, BOB)
    assert not profiles.is_personalized(BOB, as_of=LATE)


def test_who_is_forgotten_is_followed_by_nobody(profiles: Profiles) -> None:
    profiles.fold(ANN, "follow", (1, 1), {"host_id": "bob"})
    profiles.fold(ANN, "follow", (2, 2), {"host_id": "eve"})
    profiles.fold(BOB, "$user", (1, 3), _user(city="Bern"))
    profiles.drop([BOB], frozenset({"bob"}))
    assert profiles.follows(ANN, as_of=LATE) == ("eve",)
    assert not profiles.is_known(BOB, as_of=LATE)


def test_a_consent_that_says_nothing_is_a_yes(profiles: Profiles) -> None:
    profiles.fold(ANN, "$consent", (1, 1), {})
    assert profiles.is_personalized(ANN, as_of=LATE)
