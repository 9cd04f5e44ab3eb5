"""Recommend what most people met: the baseline that every other method must beat."""

from __future__ import annotations

from typing import Final

import numpy as np
from typing_extensions import override

from coadapt.data.batches import BoolArray, Histories, IntArray, Ranking, ScoreArray, Scores
from coadapt.data.dataset import Dataset
from coadapt.domain.resources import Resources
from coadapt.recommenders.base import Recommender, RecommenderConfig, Weights

__all__ = ["Popularity", "PopularityConfig"]

BLOCK_USERS: Final = 8192
FIRST_WINDOW: Final = 64
"""Most popular items looked at first for a slate; users who met most of them get a second look."""


class PopularityConfig(RecommenderConfig):
    """Hold nothing: popularity has no hyperparameters."""


class Popularity(Recommender[PopularityConfig]):
    """Score each item by log(1 + its number of events), whatever the history."""

    Config = PopularityConfig

    def __init__(self, config: PopularityConfig) -> None:
        super().__init__(config)
        self._scores: ScoreArray | None = None

    @override
    def fit(self, dataset: Dataset, resources: Resources) -> None:
        self._scores = dataset.log_popularity

    @override
    def score(self, histories: Histories, candidates: IntArray | None = None) -> Scores:
        scores = self._fitted if candidates is None else self._fitted[candidates]
        return Scores(np.tile(scores, (len(histories), 1)), candidates)

    @override
    def top(
        self,
        histories: Histories,
        k: int,
        allowed: BoolArray | None = None,
        *,
        skip_seen: bool = True,
    ) -> Ranking:
        if allowed is not None and allowed.ndim > 1:
            return super().top(histories, k, allowed, skip_seen=skip_seen)
        scores = self._fitted
        order = np.argsort(-scores, kind="stable")
        if allowed is not None:
            order = order[allowed[order]]
        seen = histories.known() if skip_seen else histories.last(0)
        rows = _first_unseen(order, seen, n_items=len(scores), k=min(k, len(scores)))
        chosen = np.where(rows < 0, np.float32(-np.inf), scores[rows])
        return Ranking(rows, chosen, np.ones(rows.shape))

    @override
    def weights(self) -> Weights:
        return {"scores": self._fitted}

    @override
    def load_weights(self, weights: Weights) -> None:
        self._scores = np.asarray(weights["scores"], np.float32)

    @property
    def _fitted(self) -> ScoreArray:
        """Return the scores. Raises NotFittedError."""
        if self._scores is None:
            raise self._not_fitted()
        return self._scores


def _first_unseen(order: IntArray, seen: Histories, *, n_items: int, k: int) -> IntArray:
    """Return the first k items of `order` that each user has not seen, shape (n, k), -1 to fill."""
    place_of = np.full(n_items, len(order))
    place_of[order] = np.arange(len(order))
    ends = np.append(order, np.full(k, -1))
    rows = np.empty((len(seen), k), np.int64)
    for start in range(0, len(seen), BLOCK_USERS):
        users = np.arange(start, min(start + BLOCK_USERS, len(seen)))
        window = max(FIRST_WINDOW, 4 * k)
        while len(users):
            window = min(window, len(ends))
            unseen = _unseen(seen.take(users), place_of, window, len(order))
            n_before = np.cumsum(unseen, axis=1, dtype=np.int32)
            is_full = n_before[:, -1] >= k
            first = unseen[is_full] & (n_before[is_full] <= k)
            places = np.nonzero(first)[1].reshape(int(is_full.sum()), k)
            rows[users[is_full]] = ends[places]
            users = users[~is_full]
            window *= 8
    return rows


def _unseen(seen: Histories, place_of: IntArray, window: int, n_places: int) -> BoolArray:
    """Mark the places below `window` that hold nothing seen; those past the end hold nothing."""
    unseen = np.ones((len(seen), window), np.bool_)
    users = np.repeat(np.arange(len(seen)), seen.lengths)
    places = place_of[seen.rows]
    is_near = places < min(window, n_places)
    unseen[users[is_near], places[is_near]] = False
    return unseen
