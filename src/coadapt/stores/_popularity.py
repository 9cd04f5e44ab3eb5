"""Count interest in items so that it halves in a day, one accumulator an item."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final

import numpy as np
import numpy.typing as npt

from coadapt.domain.durations import DAY_MS
from coadapt.stores._numbering import IntArray

HALF_LIFE_MS: Final = DAY_MS
_MAX_HALF_LIVES: Final = 500
"""Beyond this many, weights are brought to a newer landmark, long before they overflow."""

_MAX_HELD: Final = 100_000
_PAUSE_MS: Final = 1_000
"""Time between two sums of what was held: many at once cost little more than one."""


class Popularity:
    """Sum 2^((time - landmark) / half-life) an item; reading decays all sums at once, exactly.

    Interest that is not due yet is held apart, so that one clock that is ahead does not make every
    instant before it a past that must be counted anew. `newest` is the time up to which all is
    summed.
    """

    def __init__(self) -> None:
        self._weights = np.zeros(0)
        self._landmark: int | None = None
        self._held: list[tuple[int, int]] = []
        self._until = 0
        self.newest: int | None = None

    def add(self, items: IntArray, times: IntArray, *, until: int) -> None:
        """Count interest in item numbers at these times (ms); what is after `until` is held."""
        is_due = times <= until
        if is_due.any():
            self._sum(items[is_due], times[is_due])
            times, items = times[~is_due], items[~is_due]
        for held in zip(times.tolist(), items.tolist(), strict=True):
            heappush(self._held, held)
        if until >= self._until + _PAUSE_MS or len(self._held) > _MAX_HELD:
            self._sum_held(until)

    def top(self, *, as_of: int, k: int) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """Return the k items of most interest at an instant not before `newest`."""
        held = [pair for pair in [*self._held] if pair[0] <= as_of]
        return (self._with(held) if held else self)._top(as_of, k)

    def _with(self, held: list[tuple[int, int]]) -> Popularity:
        """Return a copy in which what was held is summed."""
        copy = Popularity()
        copy._weights = self._weights.copy()
        copy._landmark, copy.newest = self._landmark, self.newest
        times, items = np.array(held, np.int64).T
        copy._sum(items, times)
        return copy

    def _sum_held(self, until: int) -> None:
        """Sum what was held and is due, and the oldest where too much is held."""
        self._until = until
        due: list[tuple[int, int]] = []
        while self._held and (self._held[0][0] <= until or len(self._held) > _MAX_HELD):
            due.append(heappop(self._held))
        if due:
            times, items = np.array(due, np.int64).T
            self._sum(items, times)

    def _sum(self, items: IntArray, times: IntArray) -> None:
        """Add interest, of which there is some, to the sums."""
        newest = int(times.max())
        self.newest = newest if self.newest is None else max(self.newest, newest)
        landmark = self._landmark_for(self.newest)
        if len(self._weights) <= items.max():
            grown = np.zeros(2 * (int(items.max()) + 1))
            grown[: len(self._weights)] = self._weights
            self._weights = grown
        np.add.at(self._weights, items, np.exp2((times - landmark) / HALF_LIFE_MS))

    def _top(self, as_of: int, k: int) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """Return the k items of the greatest sums."""
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


def popularity_of(items: IntArray, times: IntArray, *, until: int) -> Popularity:
    """Count from the beginning."""
    popularity = Popularity()
    popularity.add(items, times, until=until)
    return popularity
