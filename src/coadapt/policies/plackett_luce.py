"""Draw the slate by softmax, place after place (Luce 1959, Plackett 1975)."""

from __future__ import annotations

import math
from functools import partial
from typing import Annotated, Final

import numpy as np
from pydantic import Field
from typing_extensions import override

from coadapt.data.batches import BoolArray, FloatArray, IntArray, Ranking, Scores, Situation
from coadapt.policies._places import (
    Place,
    fill_places,
    log_probability_of_places,
    usable_scores,
)
from coadapt.policies.base import Policy, PolicyConfig

__all__ = ["PlackettLuce", "PlackettLuceConfig"]

_LOWEST: Final = np.finfo(np.float64).min


class PlackettLuceConfig(PolicyConfig):
    """Hold how far the draw departs from the order of scores.

    A lower `temperature` is greedier. `standardize` reads scores as standard deviations over a
    query's usable candidates, so that a temperature means the same for every recommender.
    `exploration` is the share of each place's probability that is spread evenly over all candidates
    left, so that no propensity is below exploration / their number.
    """

    temperature: Annotated[float, Field(ge=1e-6)] = 0.25
    exploration: Annotated[float, Field(ge=0, le=1)] = 0.01
    standardize: bool = True


class PlackettLuce(Policy[PlackettLuceConfig]):
    """Draw each place from the m candidates left with p_i = (1 - e)·softmax(s / T)_i + e / m."""

    Config = PlackettLuceConfig

    @override
    def choose(self, situation: Situation, scores: Scores, rng: np.random.Generator) -> Ranking:
        place = partial(_SoftmaxPlace, exploration=self.config.exploration)
        return fill_places(situation, scores, self._logits(situation, scores), place, rng)

    @override
    def log_propensity(self, situation: Situation, scores: Scores, ranking: Ranking) -> FloatArray:
        place = partial(_SoftmaxPlace, exploration=self.config.exploration)
        logits = self._logits(situation, scores)
        return log_probability_of_places(situation, logits, ranking, place)

    def _logits(self, situation: Situation, scores: Scores) -> FloatArray:
        """Return usable scores below their best, over the temperature; -inf: not usable."""
        logits = usable_scores(situation, scores)
        is_usable = logits > -np.inf
        best = logits.max(axis=1, initial=-np.inf, keepdims=True)
        below = np.subtract(logits, best, where=is_usable, out=np.zeros_like(logits))
        if self.config.standardize:
            below /= _deviation(below, is_usable)
        np.divide(below, self.config.temperature, where=is_usable, out=logits)
        return logits


class _SoftmaxPlace(Place):
    """Mix a softmax over what is left with an even share for all of it."""

    def __init__(self, left: FloatArray, *, exploration: float) -> None:
        super().__init__(left)
        self._exploration = exploration
        # Of a query with nothing left any finite shift will do.
        self._shift = np.maximum(left.max(axis=1, keepdims=True), _LOWEST)
        self._weights = np.exp(left - self._shift)
        self._total = np.maximum(self._weights.sum(axis=1), 1.0)
        self._n_left = np.maximum(self.is_left.sum(axis=1), 1)

    @override
    def draw(self, rng: np.random.Generator) -> IntArray:
        share = (1 - self._exploration) / self._total
        even = self._exploration / self._n_left
        below = np.cumsum(self._weights * share[:, None] + self.is_left * even[:, None], axis=1)
        # Rounding must not carry the draw past the last candidate.
        last = np.nextafter(below[:, -1], 0)
        drawn = np.minimum(rng.random(len(below)) * below[:, -1], last)
        n_below: IntArray = (below <= drawn[:, np.newaxis]).sum(axis=1)
        return n_below

    @override
    def log_probability(self, columns: IntArray) -> FloatArray:
        of_column = self.left[np.arange(len(columns)), columns] - self._shift[:, 0]
        log_softmax = of_column - np.log(self._total)
        even = _log(self._exploration) - np.log(self._n_left)
        log_p: FloatArray = np.logaddexp(_log(1 - self._exploration) + log_softmax, even)
        return log_p


def _log(share: float) -> float:
    """Return a share's logarithm, -inf for none."""
    return math.log(share) if share else -math.inf


def _deviation(below: FloatArray, is_usable: BoolArray) -> FloatArray:
    """Return the standard deviation of each query's usable values, 1 where it is zero."""
    n_usable = np.maximum(is_usable.sum(axis=1, keepdims=True), 1)
    centred = np.where(is_usable, below - below.sum(axis=1, keepdims=True) / n_usable, 0.0)
    deviation: FloatArray = np.sqrt((centred**2).sum(axis=1, keepdims=True) / n_usable)
    return np.where(deviation > 0, deviation, 1.0)
