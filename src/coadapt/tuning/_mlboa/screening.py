"""Screen points by what a trial there is expected to gain, with `costs=True` a second."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.acquisition import improvement
from coadapt.tuning._mlboa.cube import Cube
from coadapt.tuning._mlboa.surrogate import Surrogate

MOST_STEPS: Final = 30


class Box(NamedTuple):
    """Hold where to look: the best point so far, and corners around it, shape (d,) each."""

    centre: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def reach(self) -> FloatArray:
        """Return half the sides, or less where the cube ends."""
        return np.asarray((self.high - self.low) / 2)


class Screen:
    """Hold the surrogates of the objective and, with `costs=True`, of the costs' logarithms.

    A point's merit is log EI, less E(log cost) if costs count; the best to improve on is the lowest
    of the means at what was observed, so that noise is not taken for success.
    """

    def __init__(self, cube: Cube, objective: Surrogate, cost: Surrogate | None) -> None:
        self._cube = cube
        self._objective = objective
        self._cost = cost
        self._best = objective.least_mean()

    def merits(self, points: FloatArray) -> FloatArray:
        """Return the merit of each snapped point."""
        features = self._cube.encode(points)
        log_ei = improvement(self._objective.predict(features), self._best).log_ei
        return log_ei if self._cost is None else log_ei - self._cost.predict(features).mean

    def refine(self, point: FloatArray, box: Box) -> FloatArray:
        """Return a better point of the box by L-BFGS; categories stay."""
        is_numeric = self._cube.is_numeric
        n_numeric = int(is_numeric.sum())
        if not n_numeric:
            return point
        row = self._cube.encode(point[np.newaxis])[0]
        found = minimize(
            self._fall,
            row[:n_numeric],
            (row[n_numeric:],),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(box.low[is_numeric], box.high[is_numeric], strict=True)),
            options={"maxiter": MOST_STEPS},
        )
        refined = point.copy()
        refined[is_numeric] = found.x
        return refined

    def _fall(self, numbers: FloatArray, categories: FloatArray) -> tuple[float, FloatArray]:
        """Return minus the merit, and its gradient by the numeric features."""
        row = np.concatenate((numbers, categories))
        prediction, by_mean, by_deviation = self._objective.slopes(row)
        gain = improvement(prediction, self._best)
        merit = float(gain.log_ei[0])
        gradient = gain.by_mean[0] * by_mean + gain.by_deviation[0] * by_deviation
        if self._cost is not None:
            cost, by_cost, _ = self._cost.slopes(row)
            merit, gradient = merit - float(cost.mean[0]), gradient - by_cost
        return -merit, -gradient[: len(numbers)]
