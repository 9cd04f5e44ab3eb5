"""Problems to develop a searcher on: none of the contest's functions, shifts or turns.

The contest plays none of them. They are kept for whoever changes the searcher, as decision 11 says.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray
from tuning.turning import Base, Problem, ProblemSeed, hartmann, measured, turned

ROOT: Final = 77
SHAPE: Final = np.array([[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]])
CENTRES: Final = 1e-4 * np.array(
    [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
)
HEIGHTS: Final = (1.0, 1.2, 3.0, 3.2)
STYBLINSKI_AT: Final = -2.9035340277711776
STYBLINSKI_LEAST: Final = -39.16616570377142


def development_problems() -> tuple[Problem, ...]:
    """Return all development problems, in 1 to 8 dimensions."""
    shaped = tuple(turned(base, ROOT, n_dims) for base, sizes in BASES for n_dims in sizes)
    return (*shaped, hartmann3(), camel(), dose())


def griewank(z: FloatArray) -> FloatArray:
    """Return a wide bowl with waves that multiply."""
    scale = np.sqrt(np.arange(1, z.shape[-1] + 1))
    return np.asarray((z**2).sum(-1) / 400 + 1 - np.cos(z / scale).prod(-1))


def styblinski_tang(z: FloatArray) -> FloatArray:
    """Return a sum of quartics with two dents each."""
    u = z + STYBLINSKI_AT
    return np.asarray(((u**4 - 16 * u**2 + 5 * u) / 2 - STYBLINSKI_LEAST).sum(-1))


def ellipsoid(z: FloatArray) -> FloatArray:
    """Return a bowl 10,000 times as steep along its last axis as along its first."""
    return np.asarray((np.logspace(0, 4, z.shape[-1]) * z**2).sum(-1))


def schwefel222(z: FloatArray) -> FloatArray:
    """Return the sum and the product of absolute values: a bowl with edges."""
    return np.asarray(np.abs(z).sum(-1) + np.abs(z).prod(-1))


def zakharov(z: FloatArray) -> FloatArray:
    """Return a plate that is steep in one direction far out."""
    along = (0.5 * np.arange(1, z.shape[-1] + 1) * z).sum(-1)
    return np.asarray((z**2).sum(-1) + along**2 + along**4)


def dixon_price(z: FloatArray) -> FloatArray:
    """Return a chain of bent valleys."""
    index = np.arange(1, z.shape[-1] + 1)
    u = z + 2.0 ** (2.0 ** (1.0 - index) - 1)
    chain = index[1:] * (2 * u[..., 1:] ** 2 - u[..., :-1]) ** 2
    return np.asarray((u[..., 0] - 1) ** 2 + chain.sum(-1))


def valleys(z: FloatArray) -> FloatArray:
    """Return crossing steep valleys in a plain, as Michalewicz's."""
    return np.asarray((1 - np.cos(z) ** 20 * np.exp(-(z**2) / 20)).sum(-1))


def funnel(z: FloatArray) -> FloatArray:
    """Return a rippled funnel that is the steeper the nearer to its end."""
    ripples = (1 - np.cos(3 * z)).mean(-1)
    return np.asarray(3 * (z**2).mean(-1) ** 0.25 + ripples)


def hartmann3() -> Problem:
    """Return Hartmann's function of three dimensions."""
    best_at, bounds = np.array([0.114589, 0.555649, 0.852547]), np.tile([0.0, 1.0], (3, 1))
    evaluate = hartmann(SHAPE, CENTRES, HEIGHTS)
    problem = Problem("hartmann-3", bounds, evaluate, -3.862782147, 1.0, best_at)
    return measured(problem, ProblemSeed(ROOT, 20, 3))


def camel() -> Problem:
    """Return the six-hump camel."""

    def evaluate(points: FloatArray) -> FloatArray:
        x, y = np.asarray(points)[..., 0], np.asarray(points)[..., 1]
        return np.asarray((4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2)

    bounds, best_at = np.array([[-3.0, 3.0], [-2.0, 2.0]]), np.array([0.08984201, -0.71265640])
    problem = Problem("camel-2", bounds, evaluate, -1.031628453489877, 1.0, best_at)
    return measured(problem, ProblemSeed(ROOT, 21, 2))


def dose() -> Problem:
    """Return harm by dose, on a logarithmic scale: wavy, with a cliff below the least dose."""
    best, cliff = math.log(0.7), math.log(0.05)

    def evaluate(points: FloatArray) -> FloatArray:
        x = np.log(np.asarray(points)[..., 0])
        waves = np.abs(x - best) * 0.2 + 0.05 * np.sin(4 * (x - best)) ** 2
        return np.asarray(waves + np.where(x < cliff, 2.0, 0.0))

    bounds, best_at = np.array([[1e-3, 1e2]]), np.array([0.7])
    problem = Problem("dose-1", bounds, evaluate, 0.0, 1.0, best_at, is_log=True)
    return measured(problem, ProblemSeed(ROOT, 22, 1))


BASES: Final = (
    (Base("griewank", 11, (-20, 20), griewank), (2, 6)),
    (Base("styblinski-tang", 12, (-5, 5), styblinski_tang), (3, 7)),
    (Base("ellipsoid", 13, (-5, 5), ellipsoid), (4, 8)),
    (Base("schwefel-2.22", 14, (-10, 10), schwefel222), (3, 8)),
    (Base("zakharov", 15, (-5, 10), zakharov), (3, 6)),
    (Base("dixon-price", 16, (-10, 10), dixon_price), (2, 6)),
    (Base("valleys", 17, (-4, 4), valleys), (2, 4)),
    (Base("funnel", 18, (-30, 30), funnel), (4, 8)),
)
