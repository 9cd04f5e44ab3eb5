"""Search by butterflies that a learned surrogate sends where it pays (MLBOA)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from typing_extensions import override

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import Observed
from coadapt.tuning._mlboa.foreseeing import Ended, Foresight
from coadapt.tuning.base import Searcher
from coadapt.tuning.searchers._mlboa_space import Key, key_of, proposer_of, untried_values
from coadapt.tuning.space import Space, Values
from coadapt.tuning.trials import Outcome, Trial

__all__ = ["MLBOA", "MLBOAConfig"]


class _Told(NamedTuple):
    """Hold where a trial was, and its value, as foreseen, and cost, NaN where unknown."""

    point: FloatArray
    value: float
    cost_s: float


class MLBOA(Searcher[MLBOAConfig]):
    """Let butterflies propose and a Gaussian process choose, inside a trust region.

    The algorithm stands step by step, with its references, in `coadapt.tuning._mlboa.proposer`.
    With `costs`, seconds of trials teach it what a trial costs, and who is cheap and good comes
    first. A trial that was stopped early counts with what its curve promised.
    """

    Config = MLBOAConfig

    def __init__(self, space: Space, config: MLBOAConfig, seed: int = 0) -> None:
        super().__init__(space, config, seed)
        self._proposer = proposer_of(space, config, seed)
        self._told: list[_Told] = []
        self._foresight = Foresight()
        self._running: dict[int, FloatArray] = {}
        self._tried: set[Key] = set()
        self._n_asked = 0

    @override
    def ask(self) -> Trial:
        point = self._proposer.propose(self._observed())
        rng = np.random.default_rng([self.seed, self._n_asked])
        values = untried_values(self.space, point, self._tried, rng)
        trial = Trial(self._n_asked, values)
        self._note(trial)
        return trial

    @override
    def repeat(self, trial: Trial) -> None:
        # What was told and what runs is all that a proposal follows from.
        self._note(trial)

    @override
    def tell(self, outcome: Outcome) -> None:
        values = outcome.trial.values
        self._running.pop(outcome.trial.number, None)
        self._tried.add(key_of(values))
        value = math.nan if outcome.value is None else outcome.value
        foreseen = self._foresight.add(Ended(value, outcome.curve, outcome.is_stopped))
        # What a whole trial costs, one that was stopped does not tell.
        is_known = outcome.seconds > 0 and not outcome.is_stopped
        cost = outcome.seconds if is_known else math.nan
        self._told.append(_Told(self._point(values), foreseen, cost))

    def _note(self, trial: Trial) -> None:
        """Remember that a trial was proposed and runs."""
        self._tried.add(key_of(trial.values))
        self._running[trial.number] = self._point(trial.values)
        self._n_asked += 1

    def _observed(self) -> Observed:
        """Return all trials that ended, in that order, and those under way."""
        empty = np.empty((0, len(self.space)))
        points = np.stack([each.point for each in self._told]) if self._told else empty
        values = np.array([each.value for each in self._told])
        costs = np.array([each.cost_s for each in self._told])
        running = np.stack([*self._running.values()]) if self._running else None
        has_costs = bool(np.isfinite(costs).any())
        return Observed(points, values, costs if has_costs else None, running)

    def _point(self, values: Values) -> FloatArray:
        """Return where values lie, NaN on the axes of what does not matter."""
        point = np.array(self.space.point_of(values))
        point[[name not in values for name in self.space.names]] = np.nan
        return point
