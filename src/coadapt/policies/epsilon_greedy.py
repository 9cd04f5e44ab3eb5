"""Show the best, but now and then anything: the simplest policy that explores."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray, Ranking, Scores, Situation
from coadapt.domain.ranges import Between
from coadapt.policies._places import (
    Place,
    fill_places,
    log_probability_of_places,
    usable_scores,
)
from coadapt.policies.base import Policy, PolicyConfig

__all__ = ["EpsilonGreedy", "EpsilonGreedyConfig"]


class EpsilonGreedyConfig(PolicyConfig):
    """Hold the share of places that are given away by lot."""

    epsilon: Annotated[float, Field(ge=0, le=1), Between(1e-3, 0.3, log=True)] = 0.1


class EpsilonGreedy(Policy[EpsilonGreedyConfig]):
    """Give each place, with probability epsilon, to any candidate left, else to the best left.

    The best of m left has probability 1 - ε + ε/m, each other one ε/m. Of equal scores the earlier
    column is the best.
    """

    Config = EpsilonGreedyConfig

    @override
    def choose(self, situation: Situation, scores: Scores, rng: np.random.Generator) -> Ranking:
        place = partial(_LotteryPlace, epsilon=self.config.epsilon)
        return fill_places(situation, scores, usable_scores(situation, scores), place, rng)

    @override
    def log_propensity(self, situation: Situation, scores: Scores, ranking: Ranking) -> FloatArray:
        place = partial(_LotteryPlace, epsilon=self.config.epsilon)
        left = usable_scores(situation, scores)
        return log_probability_of_places(situation, left, ranking, place)


class _LotteryPlace(Place):
    """Draw lots for the place with probability epsilon."""

    def __init__(self, left: FloatArray, *, epsilon: float) -> None:
        super().__init__(left)
        self._epsilon = epsilon

    @override
    def draw(self, rng: np.random.Generator) -> IntArray:
        is_lottery = rng.random(len(self.left)) < self._epsilon
        n_before = np.cumsum(self.is_left, axis=1)
        lot = np.floor(rng.random(len(self.left)) * n_before[:, -1])
        drawn: IntArray = (n_before <= lot[:, np.newaxis]).sum(axis=1)
        return np.where(is_lottery, drawn, self.left.argmax(axis=1))

    @override
    def log_probability(self, columns: IntArray) -> FloatArray:
        n_left = np.maximum(self.is_left.sum(axis=1), 1)
        is_best = columns == self.left.argmax(axis=1)
        with np.errstate(divide="ignore"):
            log_p: FloatArray = np.log(self._epsilon / n_left + (1 - self._epsilon) * is_best)
        return log_p
