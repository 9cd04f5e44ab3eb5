"""Let a run answer in the item rows of another, so that both are asked the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from typing_extensions import override

from coadapt.data.batches import Histories, IntArray, Scores
from coadapt.data.dataset import Dataset
from coadapt.domain.resources import Resources
from coadapt.recommenders.base import Recommender, Weights


class Renumbered(Recommender[Any]):
    """Score the items of another run; those that its own run does not know score -inf.

    `rows` holds its own row of each of the other's items, -1 where it has none.
    """

    def __init__(self, recommender: Recommender[Any], rows: IntArray) -> None:
        super().__init__(recommender.config)
        self._recommender = recommender
        self._rows = rows

    @override
    def score(self, histories: Histories, candidates: IntArray | None = None) -> Scores:
        own = np.where(histories.rows >= 0, self._rows[histories.rows], -1)
        known = self._rows >= 0
        values = np.full((len(histories), len(self._rows)), -np.inf, np.float32)
        scored = self._recommender.score(replace(histories, rows=own)).values
        values[:, known] = scored[:, self._rows[known]]
        return Scores(values if candidates is None else values[:, candidates], candidates)

    @override
    def fit(self, dataset: Dataset, resources: Resources) -> None:
        self._recommender.fit(dataset, resources)

    @override
    def weights(self) -> Weights:
        return self._recommender.weights()

    @override
    def load_weights(self, weights: Weights) -> None:
        self._recommender.load_weights(weights)
