"""Show the best: the policy that never explores."""

from __future__ import annotations

import numpy as np
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray, Ranking, Scores, Situation
from coadapt.policies._places import (
    Place,
    fill_places,
    log_probability_of_places,
    usable_scores,
)
from coadapt.policies.base import Policy, PolicyConfig

__all__ = ["Greedy", "GreedyConfig"]


class GreedyConfig(PolicyConfig):
    """Hold nothing: greedy has no hyperparameters."""


class Greedy(Policy[GreedyConfig]):
    """Put the highest score first; of equal scores, the earlier column.

    So every choice has probability 1, and a log of it tells nothing about other slates.
    """

    Config = GreedyConfig

    @override
    def choose(self, situation: Situation, scores: Scores, rng: np.random.Generator) -> Ranking:
        return fill_places(situation, scores, usable_scores(situation, scores), _BestPlace, rng)

    @override
    def log_propensity(self, situation: Situation, scores: Scores, ranking: Ranking) -> FloatArray:
        left = usable_scores(situation, scores)
        return log_probability_of_places(situation, left, ranking, _BestPlace)


class _BestPlace(Place):
    """Give the place to the best that is left."""

    @override
    def draw(self, rng: np.random.Generator) -> IntArray:
        best: IntArray = self.left.argmax(axis=1)
        return best

    @override
    def log_probability(self, columns: IntArray) -> FloatArray:
        return np.where(columns == self.left.argmax(axis=1), 0.0, -np.inf)
