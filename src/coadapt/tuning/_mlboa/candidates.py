"""Gather the points that all moves lead to, for screening."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import Cube
from coadapt.tuning._mlboa.interpolation import parabola_moves
from coadapt.tuning._mlboa.moves import butterfly_moves, levy_flights, scattered, swarm_of
from coadapt.tuning._mlboa.screening import Box

P_OWN_CATEGORY: Final = 0.7
LONGEST_REACH: Final = 0.5


class Ranked(NamedTuple):
    """Hold snapped points (n, d) and relative values (n,), best first."""

    points: FloatArray
    t: FloatArray

    @classmethod
    def of(cls, points: FloatArray, t: FloatArray) -> Ranked:
        """Return both in the order of the values; of equals, the earlier first."""
        order = np.argsort(t, kind="stable")
        return cls(points[order], t[order])


def candidates(
    cube: Cube, config: MLBOAConfig, ranked: Ranked, box: Box, rng: np.random.Generator
) -> FloatArray:
    """Return snapped points of the box: those of every move that is on, and even ones to screen."""
    moved = np.concatenate(list(_moves(config, ranked, box, rng)))
    n_even = config.n_candidates // 2 if config.screening else 0
    even = box.low + rng.random((n_even, cube.n_dims)) * (box.high - box.low)
    switched = _with_categories(cube, moved, ranked, rng)
    return cube.snap(np.clip(np.concatenate((switched, even)), box.low, box.high))


def _moves(
    config: MLBOAConfig, ranked: Ranked, box: Box, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield the points of each move."""
    count, d = config.n_candidates // 4, len(box.centre)
    reach = np.minimum(box.reach, LONGEST_REACH)
    yield scattered(box.centre, reach, count, rng)
    if config.butterfly:
        yield butterfly_moves(swarm_of(ranked.points, 10 + d, config.sensing), count, rng)
    if config.levy:
        yield levy_flights(box.centre, reach, count // 2, config.levy_exponent, rng)
    if config.interpolation and len(ranked.t) >= 3:
        near = slice(2 * d + 3)
        yield parabola_moves(ranked.points[near], ranked.t[near], count // 2, rng)


def _with_categories(
    cube: Cube, moved: FloatArray, ranked: Ranked, rng: np.random.Generator
) -> FloatArray:
    """Return the points with the best's categories, or now and then any others.

    Between two categories lies nothing, so moves among numbers say nothing of them.
    """
    is_own = rng.random(moved.shape) < P_OWN_CATEGORY
    chosen = np.where(is_own, ranked.points[0], rng.random(moved.shape))
    return np.where(cube.is_numeric, moved, chosen)
