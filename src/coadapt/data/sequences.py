"""Cut histories into windows and pack windows of like length, so that no work goes to padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, Histories, IntArray


@dataclass(frozen=True, slots=True)
class Windows:
    """Name slices of a history's rows: window w is `rows[starts[w]:starts[w] + lengths[w]]`."""

    starts: IntArray
    lengths: IntArray

    def __len__(self) -> int:
        return len(self.starts)

    def shifted(self, places: int) -> Windows:
        """Return the same windows so many places later."""
        return Windows(self.starts + places, self.lengths)


def training_windows(histories: Histories, max_length: int, rng: np.random.Generator) -> Windows:
    """Cut each history into windows of at most `max_length` steps, so that no step is left out.

    A step leads from an event to the next, so a history of n events has n - 1. The cuts of long
    histories move at random from epoch to epoch: no item always stands at an edge.
    """
    n_steps = histories.lengths - 1
    users = np.flatnonzero(n_steps > 0)
    n_steps = n_steps[users]
    n_windows = -(-n_steps // max_length)
    slack = n_windows * max_length - n_steps
    drawn = (rng.random(len(users)) * (slack + 1)).astype(np.int64)
    shift = np.where(n_windows > 1, drawn, slack)
    owner = np.repeat(np.arange(len(users)), n_windows)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(n_windows) - n_windows, n_windows)
    edge = rank * max_length - shift[owner]
    first, last = np.maximum(edge, 0), np.minimum(edge + max_length, n_steps[owner])
    starts = histories.offsets[:-1][users][owner] + first
    real = last > first
    return Windows(starts[real], (last - first)[real])


def newest_windows(histories: Histories, max_length: int) -> Windows:
    """Return the newest `max_length` events of each history."""
    lengths = np.minimum(histories.lengths, max_length)
    return Windows(histories.offsets[1:] - lengths, lengths)


def packed(
    lengths: IntArray, max_cells: int, tie_breaks: FloatArray | None = None
) -> Iterator[IntArray]:
    """Group windows of like length.

    A group padded to its longest has at most about `max_cells` cells. Yields window numbers.
    `tie_breaks` in [0, 1) shuffle windows of equal length.
    """
    order = np.argsort(lengths if tie_breaks is None else lengths + tie_breaks, kind="stable")
    ordered = lengths[order]
    begin = 0
    while begin < len(order):
        # Lengths rise, so the group's cells grow with its end: the largest end that still fits.
        ends = np.arange(
            begin + 1, min(begin + max_cells // max(int(ordered[begin]), 1), len(order)) + 1
        )
        n_fitting = int(
            np.searchsorted((ends - begin) * ordered[ends - 1], max_cells, side="right")
        )
        end = begin + max(n_fitting, 1)
        yield order[begin:end]
        begin = end


def padded(
    rows: IntArray, windows: Windows, group: IntArray, filler: int
) -> tuple[IntArray, BoolArray]:
    """Return the rows of a group of windows, padded on the right, and where they are real.

    Both have shape (n_windows, longest window).
    """
    lengths = windows.lengths[group]
    steps = np.arange(lengths.max(initial=0))
    real = steps < lengths[:, None]
    cells = np.where(real, windows.starts[group][:, None] + steps, 0)
    return np.where(real, rows[cells], filler), real
