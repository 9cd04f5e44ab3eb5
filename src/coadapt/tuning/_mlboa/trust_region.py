"""Replay how far to look around the best: wider after successes, narrower after failures."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray

FIRST_LENGTH: Final = 0.8
LARGEST_LENGTH: Final = 1.6
LEAST_LENGTH: Final = 2.0**-6
SUCCESSES_TO_GROW: Final = 2
LEAST_GAIN: Final = 1e-3


class Region(NamedTuple):
    """Hold the length of the sides, and how many trials went before without and with success."""

    length: float = FIRST_LENGTH
    n_failures: int = 0
    n_successes: int = 0

    def after(self, *, is_success: bool, patience: int) -> Region:
        """Return the region that follows a trial."""
        if is_success:
            return self._after_success()
        if self.n_failures + 1 < patience:
            return Region(self.length, self.n_failures + 1, 0)
        shorter = self.length / 2
        return Region(shorter if shorter >= LEAST_LENGTH else FIRST_LENGTH)

    def _after_success(self) -> Region:
        if self.n_successes + 1 < SUCCESSES_TO_GROW:
            return Region(self.length, 0, self.n_successes + 1)
        return Region(min(2 * self.length, LARGEST_LENGTH))


def replay(t: FloatArray, n_start: int, patience: int) -> Region:
    """Return the region after trials of these relative values (0 the best, 1 the median)."""
    region = Region()
    best = np.minimum.accumulate(t)
    middle = np.median(t)
    for trial in range(n_start, len(t)):
        before = best[trial - 1]
        is_success = t[trial] < before - LEAST_GAIN * (middle - before)
        region = region.after(is_success=bool(is_success), patience=patience)
    return region


def sides(length: float, log_scales: FloatArray) -> FloatArray:
    """Return half the length of each side: longer where the objective changes slowly."""
    shape = np.exp(log_scales - log_scales.mean()).clip(0.2, 5)
    return np.asarray(0.5 * length * shape)
