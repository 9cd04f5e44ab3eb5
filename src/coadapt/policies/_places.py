"""Fill a slate place by place: what every policy that draws without repetition shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray, Ranking, Scores, Situation


class Place(ABC):
    """Say who may stand at the next place of n slates at once.

    `left`, shape (n, n_candidates), holds what is still to be shown, -inf for all else; `is_left`
    marks it. A query with nothing left may be given any column, even one past the last, and any
    probability: neither is used.
    """

    def __init__(self, left: FloatArray) -> None:
        self.left = left
        self.is_left: BoolArray = left > -np.inf

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> IntArray:
        """Draw a column a query, shape (n,)."""

    @abstractmethod
    def log_probability(self, columns: IntArray) -> FloatArray:
        """Return the log-probability of a column a query, all of them still left, shape (n,)."""


MakePlace = Callable[[FloatArray], Place]


def usable_scores(situation: Situation, scores: Scores) -> FloatArray:
    """Return scores in double precision, -inf for padding, NaN and infinities."""
    values = scores.values.astype(np.float64)
    values[~np.isfinite(values) | (situation.candidate_rows < 0)] = -np.inf
    return values


def fill_places(
    situation: Situation,
    scores: Scores,
    left: FloatArray,
    make_place: MakePlace,
    rng: np.random.Generator,
) -> Ranking:
    """Draw `situation.count` candidates a query; `left` is overwritten."""
    queries = np.arange(len(left))
    n_usable = (left > -np.inf).sum(axis=1)
    shape = (len(left), min(situation.count, int(n_usable.max(initial=0))))
    columns, log_p = np.zeros(shape, np.int64), np.zeros(shape)
    for place in range(shape[1]):
        distribution = make_place(left)
        drawn = np.minimum(distribution.draw(rng), left.shape[1] - 1)
        log_p[:, place] = distribution.log_probability(drawn)
        columns[:, place] = drawn
        left[queries, drawn] = -np.inf
    return ranking_of(situation, scores, columns, n_usable, log_p)


def ranking_of(
    situation: Situation, scores: Scores, columns: IntArray, n_usable: IntArray, log_p: FloatArray
) -> Ranking:
    """Return the candidates in these columns, shape (n, at most `situation.count`), as slates.

    Of each query only the first `n_usable` count; the places after those are empty, which is
    certain.
    """
    n_queries, n_drawn = columns.shape
    shape = (n_queries, situation.count)
    rows, chosen = np.full(shape, -1), np.full(shape, -np.inf, np.float32)
    propensities = np.ones(shape)
    is_filled = np.arange(n_drawn) < n_usable[:, np.newaxis]
    drawn_rows = np.take_along_axis(situation.candidate_rows, columns, axis=1)
    rows[:, :n_drawn] = np.where(is_filled, drawn_rows, -1)
    drawn_scores = np.take_along_axis(scores.values, columns, axis=1)
    chosen[:, :n_drawn] = np.where(is_filled, drawn_scores, -np.inf)
    propensities[:, :n_drawn] = np.exp(np.where(is_filled, log_p, 0.0))
    return Ranking(rows, chosen, propensities)


def log_probability_of_places(
    situation: Situation, left: FloatArray, ranking: Ranking, make_place: MakePlace
) -> FloatArray:
    """Return the log-probability of each place given those above; `left` is overwritten."""
    log_p = np.where(ranking.rows < 0, 0.0, -np.inf)
    for place, columns, is_possible in taken_places(situation, left, ranking):
        of_all = make_place(left).log_probability(columns)
        log_p[is_possible, place] = of_all[is_possible]
    return log_p


def taken_places(
    situation: Situation, left: FloatArray, ranking: Ranking
) -> Iterator[tuple[int, IntArray, BoolArray]]:
    """Yield each place, its column a query, and where that column is still left.

    What stood at the places before is taken out of `left`, after the last one all of it.
    """
    if not left.shape[1]:
        return
    queries = np.arange(len(left))
    for place in range(ranking.rows.shape[1]):
        columns, is_candidate = _columns_of(situation.candidate_rows, ranking.rows[:, place])
        is_possible = is_candidate & (left[queries, columns] > -np.inf)
        yield place, columns, is_possible
        left[queries[is_possible], columns[is_possible]] = -np.inf


def _columns_of(candidate_rows: IntArray, rows: IntArray) -> tuple[IntArray, BoolArray]:
    """Return each query's column of one item row, and whether it is among the candidates."""
    is_same = candidate_rows == rows[:, np.newaxis]
    return is_same.argmax(axis=1), is_same.any(axis=1) & (rows >= 0)
