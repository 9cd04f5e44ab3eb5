"""Read a study's trials as the searcher needs them: snapped, ranked, and none twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray
from coadapt.tuning._mlboa.candidates import Ranked
from coadapt.tuning._mlboa.cube import Cube, Observed
from coadapt.tuning._mlboa.learning import Trials
from coadapt.tuning._mlboa.warping import relative

SAME: Final = 1e-8
"""Points nearer than this in every coordinate are the same."""


@dataclass(frozen=True, slots=True)
class History:
    """Hold n trials: snapped points, values above the best `t`, and the logarithms of costs.

    `taken` are the points of all trials, running ones last.
    """

    points: FloatArray
    t: FloatArray
    trials: Trials
    log_costs: Trials | None
    taken: FloatArray

    @classmethod
    def of(cls, cube: Cube, observed: Observed) -> History:
        """Read what was observed."""
        points = cube.snap(observed.points)
        trials, taken, costs = Trials(cube.encode(points), observed.values), points, None
        if observed.pending is not None:
            taken = np.concatenate((points, cube.snap(observed.pending)))
        if observed.costs is not None:
            is_known = np.isfinite(observed.costs) & (observed.costs > 0)
            costs = Trials(trials.features[is_known], np.log(observed.costs[is_known]))
        return cls(points, relative(observed.values), trials, costs, taken)

    @property
    def n_usable(self) -> int:
        """Return how many trials did not fail."""
        return int(np.isfinite(self.trials.values).sum())

    @property
    def ranked(self) -> Ranked:
        """Return the finished trials, best first."""
        return Ranked.of(self.points, self.t)

    @property
    def running(self) -> FloatArray:
        """Return the points of running trials."""
        return self.taken[len(self.points) :]

    def is_fresh(self, points: FloatArray) -> BoolArray:
        """Tell which points no trial has had."""
        is_fresh = np.ones(len(points), bool)
        for taken in self.taken:
            is_fresh &= np.abs(points - taken).max(axis=1, initial=0.0) > SAME
        return is_fresh
