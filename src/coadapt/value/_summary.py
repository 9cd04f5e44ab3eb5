"""Sum up what users did and spent in a few numbers each, event by event or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, NamedTuple, TypeVar

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.domain.durations import DAY_MS

HALF_LIVES_DAYS: Final[FloatArray] = np.array([7.0, 30.0, 120.0])
NEVER: Final = 2**61
"""Where there was no event, a first time is this and a last time minus this (epoch ms)."""

Numbers = TypeVar("Numbers", IntArray, FloatArray)


class MoneyEvents(NamedTuple):
    """Hold events as the summary reads them: rows, own times, net amounts, which are purchases."""

    users: IntArray
    times: IntArray
    amounts: FloatArray
    is_purchase: BoolArray

    def where(self, is_kept: BoolArray) -> MoneyEvents:
        """Return these events."""
        return MoneyEvents(
            self.users[is_kept],
            self.times[is_kept],
            self.amounts[is_kept],
            self.is_purchase[is_kept],
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold what the events of n users add up to; times are epoch ms, amounts currency.

    A day (UTC) with a purchase counts once in `n_days`; one that arrives late, after others before
    and behind it, is taken for a day that was known. `refunds` is positive. `decayed` has shape
    (n, half-lives, 3): events, days and net spend, each halved by the time before `last`.
    """

    first: IntArray
    last: IntArray
    n_events: IntArray
    first_purchase: IntArray
    last_purchase: IntArray
    n_days: IntArray
    n_purchases: IntArray
    total: FloatArray
    refunds: FloatArray
    first_day_total: FloatArray
    last_day_total: FloatArray
    largest: FloatArray
    decayed: FloatArray

    @classmethod
    def empty(cls, n_users: int) -> Summary:
        """Return the summary of users without an event."""
        never, zeros = np.full(n_users, NEVER), np.zeros(n_users)
        counts = zeros.astype(np.int64)
        return cls(
            first=never,
            last=-never,
            n_events=counts,
            first_purchase=never.copy(),
            last_purchase=-never,
            n_days=counts.copy(),
            n_purchases=counts.copy(),
            total=zeros,
            refunds=zeros.copy(),
            first_day_total=zeros.copy(),
            last_day_total=zeros.copy(),
            largest=zeros.copy(),
            decayed=np.zeros((n_users, len(HALF_LIVES_DAYS), 3)),
        )

    def __len__(self) -> int:
        return len(self.first)

    def take(self, rows: IntArray) -> Summary:
        """Return the summaries of these rows."""
        return Summary(*(getattr(self, column.name)[rows] for column in fields(self)))

    def put(self, rows: IntArray, summary: Summary) -> None:
        """Overwrite these rows in place."""
        for column in fields(self):
            getattr(self, column.name)[rows] = getattr(summary, column.name)

    def grown(self, n_users: int) -> Summary:
        """Return a summary of at least twice the users, the new ones without an event."""
        more = Summary.empty(max(n_users, 2 * len(self)) - len(self))
        return Summary.stacked((self, more))

    @classmethod
    def stacked(cls, parts: Sequence[Summary]) -> Summary:
        """Return the users of several summaries one after another."""
        names = [column.name for column in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def fold(before: Summary, events: MoneyEvents) -> Summary:
    """Return the summary with more events, in log order; `events.users` are rows of `before`."""
    bought = events.where(events.is_purchase)
    is_new_day = np.zeros(len(events.users), np.bool_)
    is_new_day[events.is_purchase] = _opens_a_day(before, bought)
    n_users = len(before)
    after = replace(
        before,
        first=_lowest(before.first, events.users, events.times),
        last=-_lowest(-before.last, events.users, -events.times),
        n_events=before.n_events + np.bincount(events.users, minlength=n_users),
        n_days=before.n_days + np.bincount(events.users[is_new_day], minlength=n_users),
        total=before.total + np.bincount(events.users, events.amounts, n_users),
        refunds=before.refunds + np.bincount(events.users, -events.amounts.clip(max=0), n_users),
    )
    after = _with_purchases(after, bought)
    return replace(after, decayed=_decayed(before, after, events, is_new_day))


def _with_purchases(before: Summary, bought: MoneyEvents) -> Summary:
    """Return the summary with what concerns purchases alone."""
    first = _lowest(before.first_purchase, bought.users, bought.times)
    last = -_lowest(-before.last_purchase, bought.users, -bought.times)
    return replace(
        before,
        first_purchase=first,
        last_purchase=last,
        n_purchases=before.n_purchases + np.bincount(bought.users, minlength=len(before)),
        first_day_total=_day_total(before.first_day_total, before.first_purchase, first, bought),
        last_day_total=_day_total(before.last_day_total, before.last_purchase, last, bought),
        largest=-_lowest(-before.largest, bought.users, -bought.amounts),
    )


def _lowest(before: Numbers, users: IntArray, numbers: Numbers) -> Numbers:
    """Return the lowest number of each user so far."""
    lowest = before.copy()
    np.minimum.at(lowest, users, numbers)
    return lowest


def _day_total(
    total: FloatArray, before: IntArray, after: IntArray, bought: MoneyEvents
) -> FloatArray:
    """Return the purchases of the day (UTC) of `after`; `total` was that of the day of `before`."""
    kept = np.where(before // DAY_MS == after // DAY_MS, total, 0.0)
    is_that_day = bought.times // DAY_MS == after[bought.users] // DAY_MS
    more = np.bincount(bought.users[is_that_day], bought.amounts[is_that_day], len(total))
    return kept + more


def _opens_a_day(before: Summary, bought: MoneyEvents) -> BoolArray:
    """Tell which purchases fall on a day before the first or after the last one known till then."""
    order = np.argsort(bought.users, kind="stable")
    users, days = bought.users[order], bought.times[order] // DAY_MS
    latest = _highest_till_then(days, before.last_purchase[users] // DAY_MS, users)
    earliest = -_highest_till_then(-days, -(before.first_purchase[users] // DAY_MS), users)
    opens = np.empty(len(users), np.bool_)
    opens[order] = (days > latest) | (days < earliest)
    return opens


def _highest_till_then(numbers: IntArray, before: IntArray, users: IntArray) -> IntArray:
    """Return the highest of each user's earlier numbers and `before`; users stand together."""
    if len(numbers) == 0:
        return numbers
    is_first = np.concatenate(([True], users[1:] != users[:-1]))
    earlier = np.where(is_first, before, np.concatenate((before[:1], numbers[:-1])))
    # Lifted by more than the numbers span, each user's lie above those of the user before.
    lift = (np.cumsum(is_first) - 1) * (earlier.max() - earlier.min() + 1)
    return np.maximum.accumulate(earlier + lift) - lift


def halved(since_ms: FloatArray) -> FloatArray:
    """Return what is left after a time for each half-life, shape (n, half-lives)."""
    left: FloatArray = np.exp2(-since_ms[:, np.newaxis] / (HALF_LIVES_DAYS * DAY_MS))
    return left


def _decayed(
    before: Summary, after: Summary, events: MoneyEvents, is_new_day: BoolArray
) -> FloatArray:
    """Return events, days and spend, decayed to the new `last`."""
    # A first event finds nothing to decay: the time since "never" leaves nothing of it.
    kept = halved((after.last - before.last).astype(np.float64))[..., np.newaxis] * before.decayed
    left = halved((after.last[events.users] - events.times).astype(np.float64))
    facts = np.stack((np.ones(len(left)), is_new_day.astype(np.float64), events.amounts), 1)
    np.add.at(kept, events.users, left[..., np.newaxis] * facts[:, np.newaxis, :])
    return kept
