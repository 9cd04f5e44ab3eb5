"""Follow the whole market: how much all users together do and pay, as a state reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.fading import FadingTable
from coadapt.domain.durations import DAY_MS
from coadapt.value._duve.arrivals import Arrivals

HALF_LIVES_DAYS = (7.0, 30.0, 90.0)
RATES = np.log(2.0) / np.asarray(HALF_LIVES_DAYS)
N_MARKET = 2 * len(HALF_LIVES_DAYS)


@dataclass(frozen=True, slots=True)
class Trace:
    """Remember the market at each of n events.

    `before` (n, n_scales, 2) are the sums without the event itself, as of `newest` (n,), the latest
    time till then; `messages` (n, 2) what the event adds at its own time, `times` (n,). `n_users`
    (n,) counts its user.
    """

    before: FloatArray
    messages: FloatArray
    times: IntArray
    newest: IntArray
    n_users: IntArray

    def after(self, events: IntArray) -> FloatArray:
        """Return the sums with these events, as of `newest`."""
        fade = _faded(self.newest[events] - self.times[events])
        sums: FloatArray = self.before[events] + fade * self.messages[events][:, None, :]
        return sums


class Market:
    """Keep faded sums of purchases and of the logarithms of their amounts over all users."""

    def __init__(self) -> None:
        self._table = FadingTable(RATES, 2)
        self.first: int | None = None
        self.n_users = 0

    def fold(self, arrivals: Arrivals, is_new: FloatArray) -> Trace:
        """Fold events in order; `is_new` (n,) is 1 where a user appears."""
        is_money = (arrivals.amounts > 0).astype(np.float64)
        amounts = np.log1p(np.maximum(arrivals.amounts, 0.0))
        messages = np.stack((is_money, amounts), axis=1)
        before = self._table.fold(np.zeros(len(arrivals), np.int64), arrivals.times, messages)
        known = self.n_users + np.cumsum(is_new).astype(np.int64)
        if len(arrivals):
            earliest = int(arrivals.times.min())
            self.first = earliest if self.first is None else min(self.first, earliest)
        self.n_users = int(known[-1]) if len(known) else self.n_users
        newest = np.maximum.accumulate(arrivals.times)
        return Trace(before, messages, arrivals.times, newest, known)

    def at(self, as_of: IntArray) -> FloatArray:
        """Return the market's numbers at instants after its newest event, shape (n, N_MARKET)."""
        sums = self._table.read(np.zeros(len(as_of), np.int64), as_of)
        return self._numbers(sums, as_of, np.full(len(as_of), self.n_users))

    def at_past(self, trace: Trace, counted: IntArray, as_of: IntArray) -> FloatArray:
        """Return the numbers at instants in the past, when `counted` events had been folded.

        Each instant must not lie before the latest of those events.
        """
        last = np.maximum(counted - 1, 0)
        sums = trace.after(last) * _faded(as_of - trace.newest[last])
        sums[counted == 0] = 0.0
        return self._numbers(sums, as_of, trace.n_users[last])

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return the sums as arrays by name."""
        first = np.iinfo(np.int64).min if self.first is None else self.first
        return {
            "market.sums": self._table.sums.copy(),
            "market.newest": self._table.newest.copy(),
            "market.counts": np.array([first, self.n_users]),
        }

    def load_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what `state()` returned."""
        self._table.sums = np.array(state["market.sums"])
        self._table.newest = np.array(state["market.newest"])
        first, self.n_users = (int(number) for number in state["market.counts"])
        self.first = None if first == np.iinfo(np.int64).min else first

    def _numbers(self, sums: FloatArray, as_of: IntArray, n_users: IntArray) -> FloatArray:
        """Return logarithms of purchases a user and day, and of what one is worth."""
        first = as_of if self.first is None else self.first
        elapsed = np.maximum((as_of - first) / DAY_MS, 1.0)
        mass = (1 - np.exp(-RATES * np.reshape(elapsed, (-1, 1)))) / RATES
        purchases = sums[:, :, 0] / mass / np.maximum(n_users, 1)[:, None]
        amount = (sums[:, :, 1] + 1e-3) / (sums[:, :, 0] + 1e-3)
        return np.concatenate((np.log(purchases + 1e-5), amount), axis=1)


def _faded(age_ms: IntArray) -> FloatArray:
    """Return what is left after a time at each rate, shape (n, n_scales, 1)."""
    left: FloatArray = np.exp(-RATES * (age_ms / DAY_MS)[:, None])
    return left[:, :, None]
