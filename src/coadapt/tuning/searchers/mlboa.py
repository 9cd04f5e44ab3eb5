"""Search by butterflies that a learned surrogate sends where it pays (MLBOA)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from typing_extensions import override

from coadapt.data.batches import FloatArray
from coadapt.domain.ranges import Choice
from coadapt.tuning._mlboa.config import MlboaConfig
from coadapt.tuning._mlboa.cube import Observed
from coadapt.tuning._mlboa.foreseeing import Ended, Foresight
from coadapt.tuning.base import Searcher
from coadapt.tuning.searchers._mlboa_space import mlboa_of
from coadapt.tuning.space import Space, Values
from coadapt.tuning.trials import Outcome, Trial

__all__ = ["MLBOA", "MLBOAConfig"]

MLBOAConfig = MlboaConfig

N_NUDGES = 32
"""How often a point whose values were tried is nudged before it is tried again."""

Key = tuple[tuple[str, Choice], ...]


class _Told(NamedTuple):
    """Hold where a trial was, and its value, as foreseen, and cost, NaN where unknown."""

    point: FloatArray
    value: float
    cost_s: float


class MLBOA(Searcher[MLBOAConfig]):
    """Let butterflies propose and a Gaussian process choose, inside a trust region.

    The algorithm stands step by step, with its references, in `coadapt.tuning._mlboa.searcher`.
    With `costs`, seconds of trials teach it what a trial costs, and who is cheap and good comes
    first. A trial that was stopped early counts with what its curve promised.
    """

    Config = MLBOAConfig

    def __init__(self, space: Space, config: MLBOAConfig, seed: int = 0) -> None:
        super().__init__(space, config, seed)
        self._heart = mlboa_of(space, config, seed)
        self._told: list[_Told] = []
        self._foresight = Foresight()
        self._running: dict[int, FloatArray] = {}
        self._tried: set[Key] = set()
        self._n_asked = 0

    @override
    def ask(self) -> Trial:
        values = self._new_values(self._heart.propose(self._observed()))
        trial = Trial(self._n_asked, values)
        self._tried.add(_key(values))
        self._running[trial.number] = self._point(values)
        self._n_asked += 1
        return trial

    @override
    def tell(self, outcome: Outcome) -> None:
        values = outcome.trial.values
        self._running.pop(outcome.trial.number, None)
        self._tried.add(_key(values))
        value = math.nan if outcome.value is None else outcome.value
        foreseen = self._foresight.add(Ended(value, outcome.curve, outcome.is_stopped))
        # What a whole trial costs, one that was stopped does not tell.
        is_known = outcome.seconds > 0 and not outcome.is_stopped
        cost = outcome.seconds if is_known else math.nan
        self._told.append(_Told(self._point(values), foreseen, cost))

    def _observed(self) -> Observed:
        """Return all trials that ended, in that order, and those under way."""
        empty = np.empty((0, len(self.space)))
        points = np.stack([each.point for each in self._told]) if self._told else empty
        values = np.array([each.value for each in self._told])
        costs = np.array([each.cost_s for each in self._told])
        running = np.stack([*self._running.values()]) if self._running else None
        has_costs = bool(np.isfinite(costs).any())
        return Observed(points, values, costs if has_costs else None, running)

    def _new_values(self, point: FloatArray) -> dict[str, Choice]:
        """Return a point's values, or some near it where those were tried.

        Different points may have the same values where a parameter is an integer by ratio.
        """
        rng = np.random.default_rng([self.seed, self._n_asked])
        values = self.space.values_at(point.tolist())
        for nudge in range(N_NUDGES):
            if _key(values) not in self._tried:
                return values
            reach = (nudge + 1) / N_NUDGES
            nudged = np.clip(point + rng.normal(0, reach / 2, len(point)), 0, 1)
            values = self.space.values_at(nudged.tolist())
        return values

    def _point(self, values: Values) -> FloatArray:
        """Return where values lie, NaN on the axes of what does not matter."""
        point = np.array(self.space.point_of(values))
        point[[name not in values for name in self.space.names]] = np.nan
        return point


def _key(values: Values) -> Key:
    """Return values as something that a set can hold."""
    return tuple(values.items())
