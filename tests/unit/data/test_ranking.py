from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from coadapt.data.ranking import top_rows

NAN, INF = np.nan, np.inf


def _top(rows: list[list[float]], k: int) -> list[list[int]]:
    return top_rows(np.array(rows, np.float32), k).rows.tolist()


def test_the_best_come_first() -> None:
    assert _top([[0.1, 0.9, 0.5]], 2) == [[1, 2]]


def test_equal_scores_are_ordered_by_column() -> None:
    assert _top([[1.0, 1.0, 2.0]], 3) == [[2, 0, 1]]


def test_many_equal_scores_that_all_fit_are_ordered_by_column() -> None:
    scores = np.tile(np.array([0.0, 2.0, 1.0], np.float32), (1, 50))
    assert top_rows(scores, 100).rows.tolist() == [[*range(1, 150, 3), *range(2, 150, 3)]]


def test_items_that_must_not_be_shown_leave_empty_places() -> None:
    assert _top([[NAN, 0.5, -INF]], 3) == [[1, -1, -1]]


def test_more_places_than_items_are_not_filled() -> None:
    assert _top([[0.2, 0.1]], 5) == [[0, 1]]


def test_no_places_give_an_empty_ranking() -> None:
    assert top_rows(np.zeros((2, 3), np.float32), 0).rows.shape == (2, 0)


def test_the_choice_is_certain() -> None:
    assert top_rows(np.zeros((1, 3), np.float32), 2).propensities.tolist() == [[1.0, 1.0]]


def test_the_scores_are_not_changed() -> None:
    scores = np.array([[NAN, 1.0]], np.float32)
    top_rows(scores, 1)
    assert np.isnan(scores[0, 0])


@given(
    arrays.arrays(np.float32, (3, 7), elements=st.floats(-9, 9, width=32), unique=True),
    st.integers(1, 7),
)
def test_distinct_scores_give_the_same_as_a_full_sort(scores, k) -> None:
    assert top_rows(scores, k).rows.tolist() == np.argsort(-scores, axis=1)[:, :k].tolist()
