"""Tell how long a user had been silent before each event."""

from __future__ import annotations

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.domain.durations import MINUTE_MS
from coadapt.value._duve.memory import EMPTY


class Gaps:
    """Keep when each user's last event was, in the order in which events count."""

    def __init__(self) -> None:
        self.last: IntArray = np.zeros(0, np.int64)

    def fold(self, users: IntArray, times: IntArray) -> FloatArray:
        """Return the silence before each event in minutes, infinite before the first."""
        missing = int(users.max(initial=-1)) + 1 - len(self.last)
        if missing > 0:
            self.last = np.concatenate((self.last, np.full(missing, EMPTY)))
        if len(users) == 1:
            return self._fold_one(int(users[0]), int(times[0]))
        order = np.argsort(users, kind="stable")
        owners, at = users[order], times[order]
        starts = np.concatenate(([True], owners[1:] != owners[:-1]))[: len(owners)]
        previous = np.where(starts, self.last[owners], np.roll(at, 1))
        silent = np.where(previous == EMPTY, np.inf, np.maximum(at - previous, 0) / MINUTE_MS)
        ends = np.append(starts[1:], True)[: len(owners)]
        self.last[owners[ends]] = at[ends]
        gaps = np.empty(len(users))
        gaps[order] = silent
        return gaps

    def _fold_one(self, user: int, time: int) -> FloatArray:
        """Fold one event without the cost of sorting."""
        previous, self.last[user] = int(self.last[user]), time
        return np.array([np.inf if previous == EMPTY else max(time - previous, 0) / MINUTE_MS])

    def excerpt(self, users: IntArray) -> Gaps:
        """Return a copy of these users alone, in this order."""
        part = Gaps()
        part.last = np.full(len(users), EMPTY)
        known = users < len(self.last)
        part.last[known] = self.last[users[known]]
        return part

    def clear(self, users: IntArray) -> None:
        """Forget these users."""
        self.last[users[(users >= 0) & (users < len(self.last))]] = EMPTY
