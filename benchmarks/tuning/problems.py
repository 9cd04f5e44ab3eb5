"""The synthetic problems of the contest in tuning, exactly as decision 11 fixes them."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray
from tuning.turning import Base, Problem, ProblemSeed, hartmann, measured, turned

ROOT: Final = 2026
DIMENSIONS: Final = (2, 5, 10)
DIVERGES_ABOVE: Final = math.log10(0.02)
HEIGHTS: Final = (1.0, 1.2, 3.0, 3.2)
SHAPE: Final = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
CENTRES: Final = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)
HARTMANN_BEST_AT: Final = (0.20168951, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054)


def contest_problems() -> tuple[Problem, ...]:
    """Return all 18 problems."""
    shaped = tuple(turned(base, ROOT, n_dims) for base in BASES for n_dims in DIMENSIONS)
    return (*shaped, branin(), hartmann6(), learning_rate())


def sphere(z: FloatArray) -> FloatArray:
    """Return the sum of squares."""
    return np.asarray((z**2).sum(-1))


def rosenbrock(z: FloatArray) -> FloatArray:
    """Return the height of a bent, flat valley."""
    u = z + 1
    along, across = (1 - u[..., :-1]) ** 2, (u[..., 1:] - u[..., :-1] ** 2) ** 2
    return np.asarray((100 * across + along).sum(-1))


def rastrigin(z: FloatArray) -> FloatArray:
    """Return a bowl covered with deep, regular dents."""
    return np.asarray((z**2 + 10 * (1 - np.cos(2 * np.pi * z))).sum(-1))


def ackley(z: FloatArray) -> FloatArray:
    """Return a dented plain with one deep hole."""
    hole = 20 - 20 * np.exp(-0.2 * np.sqrt((z**2).mean(-1)))
    return np.asarray(hole + math.e - np.exp(np.cos(2 * np.pi * z).mean(-1)))


def levy(z: FloatArray) -> FloatArray:
    """Return a wavy bowl, one direction of which waves faster."""
    w = 1 + z / 4
    inner = ((w - 1) ** 2 * (1 + 10 * np.sin(np.pi * w + 1) ** 2))[..., :-1].sum(-1)
    last = (w[..., -1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[..., -1]) ** 2)
    return np.asarray(np.sin(np.pi * w[..., 0]) ** 2 + inner + last)


def branin() -> Problem:
    """Return Branin's function, which is least at three places."""

    def evaluate(points: FloatArray) -> FloatArray:
        x, y = np.asarray(points)[..., 0], np.asarray(points)[..., 1]
        bend = y - 5.1 * x**2 / (4 * np.pi**2) + 5 * x / np.pi - 6
        return np.asarray(bend**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)

    bounds = np.array([[-5.0, 10.0], [0.0, 15.0]])
    best_at = np.array([np.pi, 2.275])
    problem = Problem("branin-2", bounds, evaluate, 0.39788735773, 1.0, best_at)
    return measured(problem, ProblemSeed(ROOT, 6, 2))


def hartmann6() -> Problem:
    """Return Hartmann's function of six dimensions."""
    bounds, best_at = np.tile([0.0, 1.0], (6, 1)), np.array(HARTMANN_BEST_AT)
    evaluate = hartmann(SHAPE, CENTRES, HEIGHTS)
    problem = Problem("hartmann-6", bounds, evaluate, -3.32236801141551, 1.0, best_at)
    return measured(problem, ProblemSeed(ROOT, 7, 6))


def learning_rate() -> Problem:
    """Return the loss by learning rate: a shallow rippled bowl, and divergence above 0.02."""
    seed = ProblemSeed(ROOT, 8, 1)
    best = _best_log_rate(np.random.default_rng(seed))

    def evaluate(points: FloatArray) -> FloatArray:
        x = np.log10(np.asarray(points)[..., 0])
        bowl = 0.05 * (x - best) ** 2 + 0.005 * (1 - np.cos(6 * np.pi * (x - best)))
        return np.asarray(bowl + np.where(x > DIVERGES_ABOVE, 1 + 5 * (x - DIVERGES_ABOVE), 0))

    bounds, best_at = np.array([[1e-6, 1.0]]), np.array([10**best])
    problem = Problem("learning-rate-1", bounds, evaluate, 0.0, 1.0, best_at, is_log=True)
    return measured(problem, seed)


def _best_log_rate(rng: np.random.Generator) -> float:
    """Return an optimum in the converging part that is not the centre of the box."""
    middle, half = (-6 + DIVERGES_ABOVE) / 2, 0.4 * (DIVERGES_ABOVE + 6)
    while abs((best := rng.uniform(middle - half, middle + half)) + 3) < 0.6:
        pass
    return best


BASES: Final = (
    Base("sphere", 1, (-5.12, 5.12), sphere),
    Base("rosenbrock", 2, (-5, 10), rosenbrock),
    Base("rastrigin", 3, (-5.12, 5.12), rastrigin),
    Base("ackley", 4, (-32.768, 32.768), ackley),
    Base("levy", 5, (-10, 10), levy),
)
