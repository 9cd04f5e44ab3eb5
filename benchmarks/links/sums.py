"""Keep faded sums and how they change with their rate: Σ e^(-rate·lag) m and Σ lag e^(-rate·lag) m.

The derivative of a sum to the logarithm of its rate is -rate times the second.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import ScoreArray
from links.compiling import compiled

NEVER: Final = -1e7
"""The time of an event that has not been, in seconds."""


class Faded(NamedTuple):
    """Hold rows of sums as of their newest event; both (n_rows, n_scales, n_channels)."""

    value: ScoreArray
    moment: ScoreArray
    newest: ScoreArray


def empty(n_rows: int, n_scales: int, n_channels: int = 1) -> Faded:
    """Return sums of nothing."""
    shape = (n_rows, n_scales, n_channels)
    newest = np.full(n_rows, NEVER, np.float32)
    return Faded(np.zeros(shape, np.float32), np.zeros(shape, np.float32), newest)


@compiled
def fold(sums: Faded, row: int, time: float, rates: ScoreArray, message: tuple[float, ...]) -> None:
    """Add a message, a number a channel, at `time` (s) and fade what was there."""
    lag = time - sums.newest[row]
    for scale in range(len(rates)):
        left = math.exp(-rates[scale] * lag)
        for channel in range(len(message)):
            value = sums.value[row, scale, channel]
            moment = sums.moment[row, scale, channel]
            sums.moment[row, scale, channel] = (moment + lag * value) * left
            sums.value[row, scale, channel] = value * left + message[channel]
    sums.newest[row] = time


@compiled
def fade(
    sums: Faded, row: int, channel: int, time: float, rates: ScoreArray, out: ScoreArray
) -> None:
    """Write a row's sums and moments at an instant into `out` (n_scales, 2)."""
    lag = time - sums.newest[row]
    for scale in range(len(rates)):
        value = sums.value[row, scale, channel]
        out[scale, 0] = 0.0
        out[scale, 1] = 0.0
        if value != 0.0:
            left = math.exp(-rates[scale] * lag)
            out[scale, 0] = value * left
            out[scale, 1] = (sums.moment[row, scale, channel] + lag * value) * left


@compiled
def fade_rows(sums: Faded, start: int, time: float, rates: ScoreArray, out: ScoreArray) -> None:
    """Write the first channel of len(out) rows from `start` on into `out` (n, n_scales, 2)."""
    for row in range(len(out)):
        fade(sums, start + row, 0, time, rates, out[row])
