"""Draw the slate by softmax, place after place (Luce 1959, Plackett 1975)."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from pydantic import Field
from typing_extensions import override

from coadapt.data.batches import BoolArray, FloatArray, IntArray, Ranking, Scores, Situation
from coadapt.domain.ranges import Between, OneOf
from coadapt.policies._places import ranking_of, taken_places, usable_scores
from coadapt.policies.base import Policy, PolicyConfig

__all__ = ["PlackettLuce", "PlackettLuceConfig"]


class PlackettLuceConfig(PolicyConfig):
    """Hold how far the draw departs from the order of scores.

    A lower `temperature` is greedier. `standardize` reads scores as standard deviations over a
    query's usable candidates, so that a temperature means the same for every recommender.
    `exploration` is the share of each place's probability that is spread evenly over all candidates
    left, so that no propensity is below exploration / their number.
    """

    temperature: Annotated[float, Field(ge=1e-6), Between(0.02, 2.0, log=True)] = 0.25
    exploration: Annotated[float, Field(ge=0, le=1), Between(1e-3, 0.2, log=True)] = 0.01
    standardize: Annotated[bool, OneOf(True, False)] = True


class PlackettLuce(Policy[PlackettLuceConfig]):
    """Draw each place from the m candidates left with p_i = (1 - e)·softmax(s / T)_i + e / m."""

    Config = PlackettLuceConfig

    @override
    def choose(self, situation: Situation, scores: Scores, rng: np.random.Generator) -> Ranking:
        logits = self._logits(situation, scores)
        n_usable = (logits > -np.inf).sum(axis=1)
        columns = self._race(logits, situation.count, rng)
        of_chosen = np.take_along_axis(logits, columns, axis=1)
        np.put_along_axis(logits, columns, -np.inf, axis=1)
        log_p = self._log_probability(logits, of_chosen)
        return ranking_of(situation, scores, columns, n_usable, log_p)

    @override
    def log_propensity(self, situation: Situation, scores: Scores, ranking: Ranking) -> FloatArray:
        logits = self._logits(situation, scores)
        left, of_chosen = logits.copy(), np.full(ranking.rows.shape, -np.inf)
        for place, columns, is_possible in taken_places(situation, left, ranking):
            of_chosen[is_possible, place] = logits[is_possible, columns[is_possible]]
        return np.where(ranking.rows < 0, 0.0, self._log_probability(left, of_chosen))

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

    def _race(self, logits: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
        """Return the columns of all places at once, shape (n, at most count), -inf after all else.

        Logits plus Gumbel noise, highest first, are draws by softmax without repetition (Yellott
        1977). A place given by lot disturbs nothing: who is left still races as from the start.
        """
        noise = rng.gumbel(size=logits.shape)
        # A logit so large that it swallows the noise leaves it to decide between equals.
        order = np.lexsort((-noise, -(logits + noise)), axis=1)
        columns = order[:, :count].copy()
        is_lot = rng.random(columns.shape) < self.config.exploration
        for query in np.flatnonzero(is_lot.any(axis=1)):
            usable = order[query, : np.count_nonzero(logits[query] > -np.inf)].tolist()
            for place in range(min(columns.shape[1], len(usable))):
                drawn = int(rng.integers(len(usable))) if is_lot[query, place] else 0
                columns[query, place] = usable.pop(drawn)
        return columns

    def _log_probability(self, left: FloatArray, of_chosen: FloatArray) -> FloatArray:
        """Return each place's log-probability, shape (n, count), -inf where `of_chosen` is.

        `left` holds the logits of who is never chosen, -inf for all others, `of_chosen` those of
        the chosen by place. Sums run from the last place to the first, so that none is lost beside
        a larger one.
        """
        never = np.logaddexp.reduce(left, axis=1, keepdims=True, initial=-np.inf)
        backwards = np.concatenate((never, of_chosen[:, ::-1]), axis=1)
        log_total = np.logaddexp.accumulate(backwards, axis=1)[:, :0:-1]
        is_chosen = of_chosen > -np.inf
        n_never = (left > -np.inf).sum(axis=1, keepdims=True)
        n_left = n_never + np.cumsum(is_chosen[:, ::-1], axis=1)[:, ::-1]
        log_softmax = np.subtract(of_chosen, log_total, where=is_chosen, out=of_chosen.copy())
        even = _log(self.config.exploration) - np.log(np.maximum(n_left, 1))
        log_p = np.logaddexp(_log(1 - self.config.exploration) + log_softmax, even)
        return np.where(is_chosen, log_p, -np.inf)


def _log(share: float) -> float:
    """Return a share's logarithm, -inf for none."""
    return math.log(share) if share else -math.inf


def _deviation(below: FloatArray, is_usable: BoolArray) -> FloatArray:
    """Return the standard deviation of each query's usable values, 1 where it is zero."""
    n_usable = np.maximum(is_usable.sum(axis=1, keepdims=True), 1)
    centred = np.where(is_usable, below - below.sum(axis=1, keepdims=True) / n_usable, 0.0)
    deviation: FloatArray = np.sqrt((centred**2).sum(axis=1, keepdims=True) / n_usable)
    return np.where(deviation > 0, deviation, 1.0)
