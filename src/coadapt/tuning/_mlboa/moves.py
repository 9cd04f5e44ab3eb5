"""Move as butterflies do: towards the best, between each other, and by Lévy flights."""

from __future__ import annotations

from math import gamma, pi, sin
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray

P_GLOBAL: Final = 0.8
LEAST_STIMULUS: Final = 0.1


class Swarm(NamedTuple):
    """Hold butterflies, best first, shape (n, d), and their fragrance f = c I^a, shape (n,)."""

    points: FloatArray
    fragrance: FloatArray


def swarm_of(ranked: FloatArray, size: int, sensing: float) -> Swarm:
    """Return the first of ranked points as butterflies; the stimulus I falls with their rank.

    The power exponent a grows from 0.1 to 0.3 with the number of trials; `sensing` is c.
    """
    points = ranked[:size]
    exponent = 0.1 + 0.2 * len(ranked) / (len(ranked) + 50)
    return Swarm(points, sensing * np.linspace(1.0, LEAST_STIMULUS, len(points)) ** exponent)


def butterfly_moves(swarm: Swarm, count: int, rng: np.random.Generator) -> FloatArray:
    """Return x + (r² g* - r² x) f or, one time in five, x + r² (x_j - x_k) f.

    The published move is x + (r² g* - x) f, which pulls to the origin wherever the best is.
    """
    of, one, other = rng.integers(len(swarm.points), size=(3, count))
    x, share = swarm.points[of], rng.random((count, 1)) ** 2
    between = swarm.points[one] - swarm.points[other]
    is_global = rng.random((count, 1)) < P_GLOBAL
    step = np.where(is_global, swarm.points[0] - x, between)
    return np.asarray(x + share * step * swarm.fragrance[of][:, np.newaxis])


def levy_flights(
    centre: FloatArray, reach: FloatArray, count: int, exponent: float, rng: np.random.Generator
) -> FloatArray:
    """Return steps from the centre whose lengths are Lévy-stable, by Mantegna's method (1994)."""
    ratio = gamma(1 + exponent) * sin(pi * exponent / 2)
    ratio /= gamma((1 + exponent) / 2) * exponent * 2 ** ((exponent - 1) / 2)
    numerator = ratio ** (1 / exponent) * rng.standard_normal((count, len(centre)))
    denominator = np.abs(rng.standard_normal((count, 1))) ** (1 / exponent)
    return np.asarray(centre + 0.1 * reach * numerator / denominator)


def scattered(
    centre: FloatArray, reach: FloatArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """Return Gaussian steps of all sizes below the reach."""
    sizes = 10.0 ** rng.uniform(-3, 0, (count, 1))
    return np.asarray(centre + sizes * reach * rng.standard_normal((count, len(centre))))
