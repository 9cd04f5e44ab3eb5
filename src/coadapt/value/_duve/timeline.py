"""Lay events out by user, so that states and what followed can be had at any instants at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.domain.durations import DAY_MS
from coadapt.value._duve.arrivals import Arrivals
from coadapt.value._duve.inputs import Inputs
from coadapt.value._duve.market import Market, Trace
from coadapt.value.spending import MONEY_DECIMALS


@dataclass(frozen=True)
class Futures:
    """Hold what users did after instants: shape (n,) each; `buys_now` in the same session."""

    spend: FloatArray
    comes_back: BoolArray
    buys_now: BoolArray
    n_events: FloatArray
    n_referrals: FloatArray


@dataclass(frozen=True)
class Timeline:
    """Hold all events in the order in which they count, and where each user's are.

    `counts_from` (n,) is the later of an event's own time and its arrival. `is_referral` (n,).
    """

    arrivals: Arrivals
    counts_from: IntArray
    inputs: Inputs
    is_referral: BoolArray
    market: Market
    trace: Trace

    @cached_property
    def by_user(self) -> IntArray:
        """Return the events' positions sorted by user, then by when they count."""
        return np.argsort(self.arrivals.users, kind="stable")

    @cached_property
    def offsets(self) -> IntArray:
        """Return where each user's events start in `by_user`, shape (n_users + 1,)."""
        n_users = int(self.arrivals.users.max(initial=-1)) + 1
        return np.searchsorted(self.arrivals.users[self.by_user], np.arange(n_users + 1))

    @cached_property
    def first_counted(self) -> IntArray:
        """Return when each user's first event counts, shape (n_users,)."""
        return self.counts_from[self.by_user[self.offsets[:-1]]]

    def market_at(self, instants: IntArray) -> FloatArray:
        """Return the market's numbers at past instants."""
        counted = np.searchsorted(self.counts_from, instants, side="left")
        return self.market.at_past(self.trace, counted, instants)

    def futures(
        self, users: IntArray, instants: IntArray, horizon_days: int, session_ms: int
    ) -> Futures:
        """Return what users did in [instant, instant + horizon), by the events' own times."""
        after = self._own_times
        start = after.position(users, instants)
        end = after.position(users, instants + horizon_days * DAY_MS)
        n_referrals = after.between(start, end, self.is_referral[after.order].astype(np.float64))
        amounts = self.arrivals.amounts[after.order]
        return Futures(
            # What was bought and given back leaves nothing, and no trace of rounding.
            spend=after.between(start, end, amounts).round(MONEY_DECIMALS),
            comes_back=end > start,
            buys_now=self._buys_now(users, instants, session_ms),
            n_events=(end - start).astype(np.float64),
            n_referrals=n_referrals,
        )

    def _buys_now(self, users: IntArray, instants: IntArray, session_ms: int) -> BoolArray:
        """Tell whether a purchase follows before the running session ends."""
        after = self._own_times
        start = after.position(users, instants)
        last = np.maximum(start - 1, 0)
        runs = (start > self.offsets[users]) & (instants - after.times[last] <= session_ms)
        end = np.minimum(after.session_end(last, session_ms), self.offsets[users + 1])
        is_purchase = (self.arrivals.amounts[after.order] > 0).astype(np.float64)
        return runs & (after.between(start, np.maximum(end, start), is_purchase) > 0)

    @cached_property
    def _own_times(self) -> _OwnTimes:
        """Return the events sorted by user, then by own time."""
        order = np.lexsort((self.arrivals.times, self.arrivals.users))
        return _OwnTimes(order, self.arrivals.users[order], self.arrivals.times[order])


@dataclass(frozen=True)
class _OwnTimes:
    """Hold events sorted by user, then own time."""

    order: IntArray
    users: IntArray
    times: IntArray

    def position(self, users: IntArray, instants: IntArray) -> IntArray:
        """Return the position of each user's first event at or after an instant."""
        wanted = users * self._span + np.clip(instants - self._low, 0, self._span - 1)
        return np.searchsorted(self._keys, wanted, side="left")

    def between(self, start: IntArray, end: IntArray, amounts: FloatArray) -> FloatArray:
        """Add up amounts of positions in [start, end)."""
        totals = np.concatenate(([0.0], np.cumsum(amounts)))
        return totals[end] - totals[start]

    def session_end(self, positions: IntArray, session_ms: int) -> IntArray:
        """Return where the sessions of these positions end, by a longer silence than that."""
        breaks = np.ones(len(self.times), np.bool_)
        same_user = self.users[1:] == self.users[:-1]
        breaks[:-1] = ~(same_user & (np.diff(self.times) <= session_ms))
        ends = np.flatnonzero(breaks) + 1
        return ends[np.searchsorted(ends, positions, side="right")]

    @cached_property
    def _low(self) -> int:
        """Return the first time of all."""
        return int(self.times.min())

    @cached_property
    def _span(self) -> int:
        """Return more than lies between any two times, so that users' keys do not meet."""
        return int(self.times.max()) - self._low + 2

    @cached_property
    def _keys(self) -> IntArray:
        """Return one number an event that sorts by user, then time."""
        return self.users * self._span + (self.times - self._low)
