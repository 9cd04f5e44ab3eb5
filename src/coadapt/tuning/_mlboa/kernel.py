"""Say how alike two settings are: Matérn-5/2 with one length scale a feature."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray

ROOT_5: Final = np.sqrt(5.0)


class Similarity(NamedTuple):
    """Hold k = (1 + √5 r + 5 r² / 3) exp(-√5 r) and `slope` = -2 dk / d(r²), both (n, m)."""

    kernel: FloatArray
    slope: FloatArray


def similarity(left: FloatArray, right: FloatArray) -> Similarity:
    """Return the kernel of features over their length scales, shapes (n, f) and (m, f)."""
    norms = (left**2).sum(axis=1)[:, np.newaxis] + (right**2).sum(axis=1)
    squares = np.maximum(norms - 2 * left @ right.T, 0.0)
    distance = ROOT_5 * np.sqrt(squares)
    fading = np.exp(-distance)
    slope = (5 / 3) * (1 + distance) * fading
    return Similarity((1 + distance + (5 / 3) * squares) * fading, slope)
