"""Fill a slate place by place: what every policy that draws without repetition shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

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
    shape = (len(left), situation.count)
    rows, log_p = np.full(shape, -1), np.zeros(shape)
    chosen = np.full(shape, -np.inf, np.float32)
    for place in range(min(situation.count, int(n_usable.max(initial=0)))):
        distribution = make_place(left)
        columns = np.minimum(distribution.draw(rng), left.shape[1] - 1)
        log_p[:, place] = distribution.log_probability(columns)
        rows[:, place] = situation.candidate_rows[queries, columns]
        chosen[:, place] = scores.values[queries, columns]
        left[queries, columns] = -np.inf
    is_empty = np.arange(situation.count) >= n_usable[:, np.newaxis]
    rows[is_empty], chosen[is_empty], log_p[is_empty] = -1, -np.inf, 0.0
    return Ranking(rows, chosen, np.exp(log_p))


def log_probability_of_places(
    situation: Situation, left: FloatArray, ranking: Ranking, make_place: MakePlace
) -> FloatArray:
    """Return the log-probability of each place given those above; `left` is overwritten."""
    queries = np.arange(len(left))
    if not left.shape[1]:
        return np.where(ranking.rows < 0, 0.0, -np.inf)
    log_p = np.zeros(ranking.rows.shape)
    for place in range(ranking.rows.shape[1]):
        rows = ranking.rows[:, place]
        columns, is_candidate = _columns_of(situation.candidate_rows, rows)
        is_possible = is_candidate & (left[queries, columns] > -np.inf)
        log_p[(rows >= 0) & ~is_possible, place] = -np.inf
        of_all = make_place(left).log_probability(columns)
        log_p[is_possible, place] = of_all[is_possible]
        left[queries[is_possible], columns[is_possible]] = -np.inf
    return log_p


def _columns_of(candidate_rows: IntArray, rows: IntArray) -> tuple[IntArray, BoolArray]:
    """Return each query's column of one item row, and whether it is among the candidates."""
    is_same = candidate_rows == rows[:, np.newaxis]
    return is_same.argmax(axis=1), is_same.any(axis=1) & (rows >= 0)
