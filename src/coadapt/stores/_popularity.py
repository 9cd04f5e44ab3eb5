"""Count interest in items so that it halves in a day, one accumulator an item."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from coadapt.stores._numbering import IntArray

HALF_LIFE_MS: Final = 86_400_000
_MAX_HALF_LIVES: Final = 500
"""Beyond this many, weights are brought to a newer landmark, long before they overflow."""


class Popularity:
    """Sum 2^((time - landmark) / half-life) an item; reading decays all sums at once, exactly."""

    def __init__(self) -> None:
        self._weights = np.zeros(0)
        self._landmark: int | None = None
        self.newest: int | None = None

    def add(self, items: IntArray, times: IntArray) -> None:
        """Count interest in item numbers at these times (ms)."""
        if not len(items):
            return
        newest = int(times.max())
        self.newest = newest if self.newest is None else max(self.newest, newest)
        landmark = self._landmark_for(self.newest)
        if len(self._weights) <= items.max():
            grown = np.zeros(2 * (int(items.max()) + 1))
            grown[: len(self._weights)] = self._weights
            self._weights = grown
        np.add.at(self._weights, items, np.exp2((times - landmark) / HALF_LIFE_MS))

    def top(self, *, as_of: int, k: int) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """Return the k items of most interest at an instant not before the newest event."""
        weights = self._weights
        k = min(k, len(weights))
        if k <= 0 or self._landmark is None:
            return np.empty(0, np.int64), np.empty(0)
        best = np.argpartition(-weights, k - 1)[:k]
        best = best[np.lexsort((best, -weights[best]))]
        best = best[weights[best] > 0].astype(np.int64)
        return best, weights[best] * np.exp2(-(as_of - self._landmark) / HALF_LIFE_MS)

    def _landmark_for(self, time: int) -> int:
        """Return the landmark, moved where exponents would grow large."""
        if self._landmark is None:
            self._landmark = time
        elif time - self._landmark > _MAX_HALF_LIVES * HALF_LIFE_MS:
            shrunk = self._weights * np.exp2((self._landmark - time) / HALF_LIFE_MS)
            self._weights, self._landmark = shrunk, time
        return self._landmark


def popularity_of(items: IntArray, times: IntArray) -> Popularity:
    """Count from the beginning."""
    popularity = Popularity()
    popularity.add(items, times)
    return popularity
