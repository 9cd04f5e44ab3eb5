"""However events come in, a past is theirs in order of time."""

from threading import RLock, Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coadapt.stores._histories import ITEM, N_ROWS, POSITION, TIME, TYPE, VALUE, Histories
from coadapt.stores._numbering import IntArray

LATE = 10**15
EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(-1, 3)), min_size=1, max_size=40
)
"""Person, time and item of each event; item -1 shows no interest."""


def _columns(times: list[int], items: list[int], first: int = 1) -> IntArray:
    columns = np.zeros((N_ROWS, len(times)), np.int64)
    columns[TIME], columns[ITEM] = times, items
    columns[POSITION] = np.arange(first, first + len(times))
    return columns


def _folded(*events: tuple[int, int, int], cut: int = 1) -> Histories:
    """Add (person, time, item) events, `cut` at a time."""
    histories = Histories(RLock())
    people, times, items = (list(column) for column in zip(*events, strict=True))
    for start in range(0, len(events), cut):
        part = slice(start, start + cut)
        columns = _columns(times[part], items[part], start + 1)
        histories.add(np.array(people[part], np.int64), columns, [])
    return histories


def _expected(events: list[tuple[int, int, int]], person: int, as_of: int) -> list[int]:
    """Return log positions by time, of the person's events with an item."""
    placed = [
        (time, n)
        for n, (who, time, item) in enumerate(events, 1)
        if who == person and item >= 0 and time <= as_of
    ]
    return [n for _, n in sorted(placed)]


@given(events=EVENTS, cut=st.integers(1, 40), as_of=st.integers(-1, 10))
def test_a_past_is_in_order_of_time_however_the_log_was_cut(events, cut, as_of) -> None:
    past = _folded(*events, cut=cut).past(1, as_of=as_of)
    assert past[POSITION].tolist() == _expected(events, 1, as_of)


@given(events=EVENTS, limit=st.integers(1, 5))
def test_a_limit_keeps_the_newest(events, limit) -> None:
    histories = _folded(*events)
    whole, newest = (histories.past(1, as_of=LATE, limit=n) for n in (None, limit))
    assert newest.tolist() == whole[:, max(0, whole.shape[1] - limit) :].tolist()


@settings(max_examples=30)
@given(events=EVENTS)
def test_many_at_once_are_one_by_one(events) -> None:
    """A load waits and is sorted in when somebody reads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coadapt.stores._histories._MANY_EVENTS", 0)
        loaded = _folded(*events, cut=len(events)).past(2, as_of=LATE)
    assert loaded[POSITION].tolist() == _expected(events, 2, LATE)


@settings(max_examples=30)
@given(events=EVENTS)
def test_settling_in_between_changes_nothing(events) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coadapt.stores._histories._MIN_SETTLE", 3)
        settled = _folded(*events)
    assert settled.past(1, as_of=LATE)[POSITION].tolist() == _expected(events, 1, LATE)


@given(events=EVENTS)
def test_everything_holds_each_event_once(events) -> None:
    everything = _folded(*events).everything()
    assert sorted(everything[POSITION].tolist()) == list(range(1, len(events) + 1))


def test_a_span_counts_events_of_any_kind() -> None:
    histories = _folded((0, 5, 1), (0, 3, -1), (0, 9, -1), (1, 1, 1))
    assert histories.span(0, as_of=LATE) == (3, 3, 9)
    assert histories.span(0, as_of=5) == (2, 3, 5)


def test_nobody_and_nothing_have_no_span() -> None:
    histories = _folded((0, 5, 1))
    assert histories.span(7, as_of=LATE) == (0, None, None)
    assert histories.span(0, as_of=4) == (0, None, None)
    assert Histories(RLock()).past(0, as_of=LATE).shape == (N_ROWS, 0)


def test_type_and_value_travel_with_their_event() -> None:
    columns = _columns([9, 5], [1, 2])
    columns[TYPE] = [3, 4]
    columns[VALUE] = np.array([2.5, np.nan]).view(np.int64)
    histories = Histories(RLock())
    histories.add(np.array([0, 0]), columns, [])
    past = histories.past(0, as_of=LATE)
    assert past[TYPE].tolist() == [4, 3]
    np.testing.assert_equal(past[VALUE].view(np.float64), [np.nan, 2.5])


@pytest.mark.parametrize("many", [0, 2_000])
def test_a_merge_gives_one_persons_past_to_another(many, monkeypatch) -> None:
    monkeypatch.setattr("coadapt.stores._histories._MANY_EVENTS", many)
    histories = _folded((0, 5, 1), (1, 3, 2))
    histories.add(np.array([1]), _columns([7], [3], first=3), [(0, 1)])
    assert histories.past(1, as_of=LATE)[ITEM].tolist() == [2, 1, 3]
    assert histories.past(0, as_of=LATE).shape[1] == 0


def test_a_merge_puts_events_of_one_time_in_the_order_of_the_log() -> None:
    histories = _folded((0, 5, 1), (1, 5, 2))
    histories.add(np.array([1]), _columns([5], [3], first=3), [(0, 1)])
    assert histories.past(1, as_of=LATE)[POSITION].tolist() == [1, 2, 3]


def test_a_merge_takes_what_was_sorted_in_before_along() -> None:
    histories = _folded((0, 5, 1), (1, 3, 2))
    histories.everything()
    histories.add(np.array([1]), _columns([7], [3], first=3), [(0, 1)])
    assert histories.past(0, as_of=LATE).shape[1] == 0
    assert histories.everything()[ITEM].tolist() == [2, 1, 3]


def test_dropped_people_and_positions_are_gone_and_others_stay() -> None:
    histories = _folded((0, 5, 1), (1, 3, 2), (1, 4, 3))
    histories.drop([0], [2])
    assert histories.everything()[POSITION].tolist() == [3]
    assert histories.past(1, as_of=LATE)[ITEM].tolist() == [3]


def test_a_reader_keeps_what_it_was_given() -> None:
    histories = _folded((0, 1, 1), (0, 2, 2))
    before = histories.past(0, as_of=LATE)
    histories.add(np.array([0]), _columns([3], [3], first=3), [])
    assert before[ITEM].tolist() == [1, 2]


def test_readers_beside_a_writer_see_whole_pasts() -> None:
    histories, seen = _folded((0, 0, 0)), []
    times = range(1, 400)
    writer = Thread(
        target=lambda: [
            histories.add(np.array([0]), _columns([t], [t], first=t + 1), []) for t in times
        ]
    )
    writer.start()
    while writer.is_alive():
        seen.append(histories.past(0, as_of=LATE)[ITEM])
    writer.join()
    assert all(np.array_equal(items, np.arange(len(items))) for items in seen)
