"""Places are filled one after the other, and the chance of each is that of what was left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from typing_extensions import override

from coadapt.data.batches import BoolArray, FloatArray, IntArray, Ranking, Scores
from coadapt.policies._places import (
    Place,
    fill_places,
    log_probability_of_places,
    usable_scores,
)
from coadapt.testing.policies import situation

MASKS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 4), st.integers(1, 6)))


class EvenPlace(Place):
    """Give every candidate that is left the same chance."""

    @override
    def draw(self, rng: np.random.Generator) -> IntArray:
        columns: IntArray = (self.is_left * rng.random(self.left.shape)).argmax(axis=1)
        return columns

    @override
    def log_probability(self, columns: IntArray) -> FloatArray:
        chance: FloatArray = -np.log(np.maximum(self.is_left.sum(axis=1), 1))
        return chance


def left_of(mask: BoolArray) -> FloatArray:
    return np.where(mask, 0.0, -np.inf)


def fill(mask: BoolArray, count: int, seed: int = 0) -> Ranking:
    at = situation(*mask.shape, count)
    scores = Scores(np.tile(np.arange(mask.shape[1], dtype=np.float32), (len(mask), 1)))
    return fill_places(at, scores, left_of(mask), EvenPlace, np.random.default_rng(seed))


def shown_by(ranking: Ranking, mask: BoolArray) -> BoolArray:
    """Mark the candidates that stand on each slate."""
    shown = np.zeros_like(mask)
    queries, places = np.nonzero(ranking.rows >= 0)
    shown[queries, ranking.rows[queries, places] - 10] = True
    return shown


def log_p(mask: BoolArray, rows: list[list[int]]) -> list[list[float]]:
    ranking = Ranking(np.array(rows), np.zeros(np.shape(rows), np.float32), np.ones(np.shape(rows)))
    at = situation(*mask.shape, len(rows[0]))
    return log_probability_of_places(at, left_of(mask), ranking, EvenPlace).tolist()


@given(mask=MASKS, count=st.integers(1, 8), seed=st.integers(0, 9))
def test_a_slate_holds_what_is_left_and_each_once(mask: BoolArray, count: int, seed: int) -> None:
    shown = shown_by(fill(mask, count, seed), mask)
    assert not (shown & ~mask).any()
    assert shown.sum(axis=1).tolist() == np.minimum(mask.sum(axis=1), count).tolist()


@given(mask=MASKS, count=st.integers(1, 8), seed=st.integers(0, 9))
def test_what_was_drawn_has_the_chance_that_it_was_drawn_with(
    mask: BoolArray, count: int, seed: int
) -> None:
    ranking = fill(mask, count, seed)
    at = situation(*mask.shape, count)
    again = log_probability_of_places(at, left_of(mask), ranking, EvenPlace)
    np.testing.assert_allclose(again, np.log(ranking.propensities))


@given(mask=MASKS, count=st.integers(1, 8))
def test_empty_places_are_at_the_end_and_certain(mask: BoolArray, count: int) -> None:
    ranking = fill(mask, count)
    is_empty = ranking.rows < 0
    assert (np.diff(is_empty.astype(int), axis=1) >= 0).all()
    assert (ranking.propensities[is_empty] == 1).all()
    assert (ranking.scores[is_empty] == -np.inf).all()


def test_chances_grow_as_fewer_are_left() -> None:
    assert fill(np.ones((1, 4), np.bool_), 4).propensities[0] == pytest.approx(
        [1 / 4, 1 / 3, 1 / 2, 1]
    )


def test_scores_of_the_chosen_come_along() -> None:
    ranking = fill(np.ones((3, 5), np.bool_), 5)
    np.testing.assert_array_equal(ranking.scores, ranking.rows - 10)


def test_each_query_has_its_own_end() -> None:
    mask = np.array([[True, True], [False, False], [False, True]])
    assert (fill(mask, 2).rows >= 0).sum(axis=1).tolist() == [2, 0, 1]


def test_what_stood_above_does_not_count_below() -> None:
    mask = np.array([[True, True, True]])
    assert np.exp(log_p(mask, [[12, 10, 12]])) == pytest.approx(np.array([[1 / 3, 1 / 2, 0]]))


def test_after_an_impossible_item_the_others_keep_their_chances() -> None:
    mask = np.array([[True, False, True]])
    assert np.exp(log_p(mask, [[99, 11, 10, -1]])) == pytest.approx(np.array([[0, 0, 1 / 2, 1]]))


def test_without_candidates_only_an_empty_place_is_possible() -> None:
    assert log_p(np.empty((1, 0), np.bool_), [[-1, 10]]) == [[0.0, -np.inf]]


def test_scores_are_usable_where_they_are_finite_and_of_a_candidate() -> None:
    at = situation(1, 5, 1)
    at.candidate_rows[0, 4] = -1
    scores = Scores(np.array([[1.5, np.nan, np.inf, -np.inf, 2.0]], np.float32))
    usable = usable_scores(at, scores)
    assert usable.tolist() == [[1.5, -np.inf, -np.inf, -np.inf, -np.inf]]
    assert usable.dtype == np.float64
    assert np.isnan(scores.values[0, 1])
