"""Choose points before anything is known."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.stats import qmc

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.cube import Cube

LOG2_POINTS: Final = 8
SHARE: Final = 0.7
"""How much of each numeric coordinate a start fills: in many dimensions, all else is corners."""


def starting_points(cube: Cube, seed: int, *, is_even: bool) -> FloatArray:
    """Return points that fill the cube evenly, a scrambled Sobol sequence, or random ones."""
    rng = np.random.default_rng(seed)
    if not is_even:
        return anywhere(cube, rng)
    even = qmc.Sobol(cube.n_dims, scramble=True, rng=rng).random_base2(LOG2_POINTS)
    return cube.snap(np.where(cube.is_numeric, 0.5 + SHARE * (even - 0.5), even))


def anywhere(cube: Cube, rng: np.random.Generator) -> FloatArray:
    """Return random points."""
    return cube.snap(rng.random((2**LOG2_POINTS, cube.n_dims)))
