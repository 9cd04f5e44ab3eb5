"""Keep exponentially decayed sums, one row a node: an event costs O(1), a read is exact."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.domain.durations import DAY_MS


class FadingTable:
    """Keep a(t) = Σ exp(-rate · (t - τ)) · message for each row, at several rates.

    `rates` are per day, shape (n_scales,). Nothing is kept but the sum at the row's newest event:
    `sums` (n_rows, n_scales, n_channels) as of `newest` (n_rows,), epoch ms, MIN for an empty row.
    An event that comes late is faded by its own age.
    """

    EMPTY: Final = np.iinfo(np.int64).min

    def __init__(self, rates: FloatArray, n_channels: int) -> None:
        self.rates = rates
        self.sums: FloatArray = np.zeros((0, len(rates), n_channels))
        self.newest: IntArray = np.zeros(0, np.int64)

    def grow(self, n_rows: int) -> None:
        """Make room for rows up to `n_rows`."""
        missing = n_rows - len(self.newest)
        if missing <= 0:
            return
        more = max(missing, len(self.newest) // 2)
        self.sums = np.concatenate((self.sums, np.zeros((more, *self.sums.shape[1:]))))
        self.newest = np.concatenate((self.newest, np.full(more, self.EMPTY)))

    def read(self, rows: IntArray, as_of: int | IntArray) -> FloatArray:
        """Return the sums at an instant, shape (n, n_scales, n_channels)."""
        self.grow(int(rows.max(initial=-1)) + 1)
        return self.sums[rows] * self._fade(self.newest[rows], as_of)[:, :, None]

    def fold(self, rows: IntArray, times: IntArray, messages: FloatArray) -> FloatArray:
        """Add messages (n, n_channels) in order and return what each row held just before.

        Shape (n, n_scales, n_channels), as of the event's own time or the row's newest, whichever
        is later. Many events at once give what one after the other would.
        """
        self.grow(int(rows.max(initial=-1)) + 1)
        if len(rows) == 1:
            return self._fold_one(int(rows[0]), int(times[0]), messages)
        order = np.argsort(rows, kind="stable")
        before = np.empty((len(rows), *self.sums.shape[1:]))
        before[order] = self._folded(rows[order], times[order], messages[order])
        return before

    def excerpt(self, rows: IntArray) -> FadingTable:
        """Return a table of these rows alone, in this order."""
        part = FadingTable(self.rates, self.sums.shape[2])
        self.grow(int(rows.max(initial=-1)) + 1)
        part.sums, part.newest = self.sums[rows], self.newest[rows]
        return part

    def clear(self, rows: IntArray) -> None:
        """Empty these rows."""
        rows = rows[rows < len(self.newest)]
        self.sums[rows] = 0.0
        self.newest[rows] = self.EMPTY

    def _folded(self, rows: IntArray, times: IntArray, messages: FloatArray) -> FloatArray:
        """Fold events sorted by row, write the rows' ends back, and return what was before."""
        if not len(rows):
            return np.zeros((0, *self.sums.shape[1:]))
        starts = np.concatenate(([True], rows[1:] != rows[:-1]))
        newest = _running_maximum(np.maximum(times, self.newest[rows]), starts)
        previous = np.where(starts, self.newest[rows], np.roll(newest, 1))
        gains = self._fade(previous, newest)
        added = self._fade(times, newest)[:, :, None] * messages[:, None, :]
        first = np.where(starts[:, None, None], self.sums[rows] * gains[:, :, None], 0.0)
        after = scan(np.where(starts[:, None], 0.0, gains), added + first)
        before = after - added
        ends = np.flatnonzero(np.concatenate((starts[1:], [True])))
        self.sums[rows[ends]] = after[ends]
        self.newest[rows[ends]] = newest[ends]
        return before

    def _fold_one(self, row: int, time: int, message: FloatArray) -> FloatArray:
        """Fold one event without the cost of sorting."""
        since = int(self.newest[row])
        newest = max(since, time)
        days = 0.0 if since == self.EMPTY else (newest - since) / DAY_MS
        before = self.sums[row] * np.exp(-days * self.rates)[:, None]
        faded = np.exp(-(newest - time) / DAY_MS * self.rates)[:, None] * message
        self.sums[row], self.newest[row] = before + faded, newest
        fresh: FloatArray = before[None]
        return fresh

    def _fade(self, since: IntArray, until: int | IntArray) -> FloatArray:
        """Return exp(-rate · days) from one instant to a later one, shape (n, n_scales)."""
        days = np.where(since == self.EMPTY, 0.0, (until - since) / DAY_MS)
        return np.exp(-np.maximum(days, 0.0)[:, None] * self.rates)


def scan(gains: FloatArray, added: FloatArray) -> FloatArray:
    """Return a_i = gain_i · a_(i-1) + added_i for all i, in log2(longest run) steps.

    `gains` (n, n_scales), 0 where a run starts; `added` (n, n_scales, n_channels). Pairs of steps
    are joined, then pairs of pairs (Hillis and Steele 1986).
    """
    gain, total = gains.copy(), added.copy()
    step = 1
    while step < len(total) and gain[step:].any():
        joined = total.copy()
        joined[step:] += gain[step:, :, None] * total[:-step]
        longer = np.zeros_like(gain)
        longer[step:] = gain[step:] * gain[:-step]
        gain, total = longer, joined
        step *= 2
    return total


def _running_maximum(times: IntArray, starts: BoolArray) -> IntArray:
    """Return the largest time so far within each run."""
    run = np.cumsum(starts) - 1
    low = times.min()
    span = times.max() - low + 1
    raised = np.maximum.accumulate(run * span + (times - low))
    highest: IntArray = raised - run * span + low
    return highest
