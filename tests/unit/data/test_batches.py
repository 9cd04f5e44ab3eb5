from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data.batches import Histories


def _pasts(histories: Histories) -> list[list[int]]:
    return [past.tolist() for past in np.split(histories.rows, histories.offsets[1:-1])]


def _histories(*pasts: list[int]) -> Histories:
    return Histories.from_rows([np.array(past, np.int64) for past in pasts])


ragged = st.lists(st.lists(st.integers(-1, 9), max_size=6), min_size=1, max_size=6)


def test_lengths_count_each_users_events() -> None:
    assert _histories([1, 2], [], [3]).lengths.tolist() == [2, 0, 1]


def test_nobody_has_no_history() -> None:
    histories = Histories.from_rows([])
    assert (len(histories), histories.offsets.tolist()) == (0, [0])


@given(ragged, st.data())
def test_take_returns_the_pasts_in_the_order_asked_for(pasts, data) -> None:
    users = data.draw(st.lists(st.integers(0, len(pasts) - 1), min_size=1))
    taken = _histories(*pasts).take(np.array(users))
    assert _pasts(taken) == [pasts[user] for user in users]


@given(ragged, st.integers(0, 8))
def test_last_keeps_the_newest_events(pasts, n_events) -> None:
    kept = _histories(*pasts).last(n_events)
    assert _pasts(kept) == [past[max(len(past) - n_events, 0) :] for past in pasts]


@given(ragged)
def test_known_drops_items_that_the_vocabulary_does_not_know(pasts) -> None:
    known = _histories(*pasts).known()
    assert _pasts(known) == [[row for row in past if row >= 0] for past in pasts]


def test_times_travel_with_their_events() -> None:
    histories = _histories([5, 6], [7, 8])
    assert histories.take(np.array([1])).times.tolist() == histories.times[2:].tolist()


def test_the_matrix_marks_each_known_item_once() -> None:
    assert _histories([0, 0, -1], [1]).matrix(2).toarray().tolist() == [[1, 0], [0, 1]]


def test_the_matrix_is_float32() -> None:
    assert _histories([0]).matrix(1).dtype == np.float32


def test_histories_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        _histories([1]).rows = np.zeros(1, np.int64)  # type: ignore[misc]  # that is the test
