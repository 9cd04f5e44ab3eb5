"""Bend an objective's values until a Gaussian process can follow them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray

CLIP: Final = 20.0
"""Values this many times as far above the best as the median count as no worse."""


class Warp(NamedTuple):
    """Hold w(t) = log(t + offset), or t itself without an offset; t: 0 the best, 1 the median."""

    offset: float | None = None

    def bend(self, t: FloatArray) -> FloatArray:
        """Return the bent values."""
        return t.copy() if self.offset is None else np.asarray(np.log(t + self.offset))

    def log_slope(self, t: FloatArray) -> float:
        """Return Σ log w'(t): what bending adds to the likelihood."""
        return 0.0 if self.offset is None else float(-np.log(t + self.offset).sum())


STRAIGHT: Final = Warp()
LARGEST: Final = np.finfo(np.float64).max / 4
WARPS: Final = (STRAIGHT, Warp(1.0), Warp(0.1), Warp(0.01), Warp(1e-3))


def relative(values: FloatArray) -> FloatArray:
    """Return how far each value is above the best, in units of the median's; failures: the worst.

    NaN and infinite values are failures; without any other, all are 0.
    """
    is_usable = np.isfinite(values)
    if not is_usable.any():
        return np.zeros(len(values))
    # A quarter of the largest number still has differences that are finite.
    good = np.clip(values[is_usable], -LARGEST, LARGEST)
    least, middle = good.min(), np.median(good)
    unit = middle - least if middle > least else good.max() - least
    t = np.full(len(values), np.nan)
    t[is_usable] = np.minimum((good - least) / (unit or 1.0), CLIP)
    return np.where(is_usable, t, np.nanmax(t))
