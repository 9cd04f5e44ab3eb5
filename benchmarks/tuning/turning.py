"""Hold a function to minimise with all a judge needs, and turn and shift textbook functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray

Function = Callable[[FloatArray], FloatArray]

N_RANGE_POINTS: Final = 4096
CENTRAL_SHARE: Final = 0.8


class Base(NamedTuple):
    """Hold a textbook function whose least value is 0, reached at the origin."""

    name: str
    number: int
    box: tuple[float, float]
    function: Function


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold a function of points in a box, shape (..., d), and where and what its least value is.

    `bounds` has shape (d, 2); `range` is the median over the box less the optimum. With `is_log`
    the box is searched on a logarithmic scale.
    """

    name: str
    bounds: FloatArray
    evaluate: Function
    optimum: float
    range: float
    best_at: FloatArray
    is_log: bool = False

    def at(self, unit: FloatArray) -> FloatArray:
        """Return points of the box from points of the unit cube."""
        low, high = (np.log(self.bounds) if self.is_log else self.bounds).T
        inside = low + np.asarray(unit) * (high - low)
        return np.exp(inside) if self.is_log else inside


class ProblemSeed(NamedTuple):
    """Hold what numbers a problem apart from others: the seed of its shift, turn and range."""

    root: int
    number: int
    n_dims: int


def turned(base: Base, root: int, n_dims: int) -> Problem:
    """Return f(x) = base(Q (x - x*)), x* and Q drawn from the problem's own seed."""
    seed = ProblemSeed(root, base.number, n_dims)
    rng = np.random.default_rng(seed)
    low, high = base.box
    margin = (1 - CENTRAL_SHARE) / 2 * (high - low)
    best_at = rng.uniform(low + margin, high - margin, n_dims)
    turn = rotation(rng, n_dims)

    def evaluate(points: FloatArray) -> FloatArray:
        return base.function((np.asarray(points) - best_at) @ turn.T)

    bounds = np.tile(np.array(base.box, np.float64), (n_dims, 1))
    return measured(Problem(f"{base.name}-{n_dims}", bounds, evaluate, 0.0, 1.0, best_at), seed)


def rotation(rng: np.random.Generator, n_dims: int) -> FloatArray:
    """Return the orthogonal factor of a Gaussian matrix; the other's diagonal is positive."""
    orthogonal, triangular = np.linalg.qr(rng.standard_normal((n_dims, n_dims)))
    return np.asarray(orthogonal * np.sign(np.diag(triangular)))


def measured(problem: Problem, seed: ProblemSeed) -> Problem:
    """Return the problem with its range measured at uniform points."""
    points = np.random.default_rng([*seed, 1]).random((N_RANGE_POINTS, seed.n_dims))
    middle = float(np.median(problem.evaluate(problem.at(points))))
    facts = (problem.name, problem.bounds, problem.evaluate, problem.optimum)
    return Problem(*facts, middle - problem.optimum, problem.best_at, problem.is_log)


def hartmann(shape: FloatArray, centres: FloatArray, heights: Sequence[float]) -> Function:
    """Return Hartmann's function: four bells of given shapes and centres, taken from 0."""

    def evaluate(points: FloatArray) -> FloatArray:
        squares = (np.asarray(points)[..., np.newaxis, :] - centres) ** 2
        return np.asarray(-(np.exp(-(shape * squares).sum(-1)) * np.asarray(heights)).sum(-1))

    return evaluate
