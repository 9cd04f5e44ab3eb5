"""Score the rows of a history matrix: what the methods without an order of events share."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from scipy import sparse
from typing_extensions import override

from coadapt.data.batches import BoolArray, Histories, IntArray, Ranking, ScoreArray, Scores
from coadapt.recommenders._blocks import TopQuestion, top_by_block
from coadapt.recommenders.base import ConfigT, Recommender


class MatrixRecommender(Recommender[ConfigT]):
    """Score histories as the rows of a binary matrix, and rank them block by block."""

    @property
    @abstractmethod
    def _prior(self) -> ScoreArray:
        """Return the scores of an empty history, shape (n_items,). Raises NotFittedError."""

    @abstractmethod
    def _values(self, past: sparse.csr_matrix, candidates: IntArray | None = None) -> ScoreArray:
        """Score candidates for each row of a history matrix, shape (n, n_items), as a new array."""

    @override
    def score(self, histories: Histories, candidates: IntArray | None = None) -> Scores:
        past = histories.matrix(len(self._prior))
        return Scores(self._values(past, candidates), candidates)

    @override
    def top(
        self,
        histories: Histories,
        k: int,
        allowed: BoolArray | None = None,
        *,
        skip_seen: bool = True,
    ) -> Ranking:
        past = histories.matrix(len(self._prior))
        return top_by_block(self._values, past, TopQuestion(k, allowed, skip_seen))


def fill_empty(values: ScoreArray, past: sparse.csr_matrix, prior: ScoreArray) -> ScoreArray:
    """Give users without a known event the prior, in place, and return the scores.

    `values` has shape (n, n_candidates), `past` (n, n_items), `prior` (n_candidates,).
    """
    values[np.diff(past.indptr) == 0] = prior
    return values
