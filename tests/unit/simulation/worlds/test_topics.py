"""Items that the same people meet share a topic."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data.batches import FloatArray
from coadapt.simulation.worlds._topics import N_DIRECTIONS, topics

MEETINGS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 9)), min_size=1, max_size=60)


def topics_of(meetings: list[tuple[str, str]], item_ids: list[str] | None = None) -> FloatArray:
    events = pl.DataFrame(meetings, schema=["user_id", "item_id"], orient="row")
    known = sorted(set(events["item_id"])) if item_ids is None else item_ids
    return topics(events, pl.Series(known))


def two_circles() -> list[tuple[str, str]]:
    """Return people who met all of `a…` or all of `b…`, and everybody `z`."""
    return [
        (f"{kind}{user}", item)
        for kind in "ab"
        for user in range(9)
        for item in (*(f"{kind}{n}" for n in range(5)), "z")
    ]


def test_two_circles_of_people_have_topics_of_their_own() -> None:
    topic = topics_of(two_circles()).argmax(axis=1)
    assert len(set(topic[:5])) == len(set(topic[5:10])) == 1
    assert topic[0] != topic[9]


@given(MEETINGS)
def test_every_item_has_exactly_one_topic(meetings: list[tuple[int, int]]) -> None:
    found = topics_of([(f"u{user}", f"i{item}") for user, item in meetings])
    assert set(np.unique(found)) <= {0.0, 1.0} or found.shape[1] == 1
    assert found.shape[1] == 1 or (found.sum(axis=1) == 1).all()
    assert found.shape[1] <= 2 * N_DIRECTIONS


@given(MEETINGS)
def test_meeting_again_changes_nothing(meetings: list[tuple[int, int]]) -> None:
    named = [(f"u{user}", f"i{item}") for user, item in meetings]
    np.testing.assert_array_equal(topics_of(named), topics_of(named + named))


@pytest.mark.parametrize("meetings", [[("a", "x")], [("a", "x"), ("a", "y"), ("b", "x")]])
def test_too_few_meetings_tell_of_no_topics(meetings: list[tuple[str, str]]) -> None:
    assert topics_of(meetings).tolist() == [[0.0]] * len({item for _, item in meetings})


def test_an_item_that_nobody_met_has_its_row() -> None:
    known = sorted({item for _, item in two_circles()})
    found = topics_of(two_circles(), [*known, "c/🛍️"])
    assert np.isfinite(found).all()
    assert len(found) == len(known) + 1


def test_the_same_meetings_have_the_same_topics() -> None:
    np.testing.assert_array_equal(topics_of(two_circles()), topics_of(two_circles()))
