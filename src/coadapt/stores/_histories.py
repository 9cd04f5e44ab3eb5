"""Keep everyone's events in order of time: a sorted base and short tails of what came since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Final, NamedTuple

import numpy as np

from coadapt.stores._numbering import IntArray
from coadapt.stores._people import Merge

TIME, POSITION, ITEM, TYPE, VALUE = range(5)
"""Rows of the columns, shape (5, n) of int64.

`ITEM` is -1 for what shows no interest in an item; `VALUE` holds the bits of a float64.
"""

N_ROWS: Final = 5
NOTHING: Final = np.empty((N_ROWS, 0), np.int64)

_MANY_EVENTS: Final = 2_000
_MIN_SETTLE: Final = 250_000


class Tail(NamedTuple):
    """Hold a person's newest events in `columns[:, :n_events]`, sorted.

    `is_whole`: they are the person's whole past, and the base's share does not count.
    """

    columns: IntArray
    n_events: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class View:
    """Hold one state: person p's base is `base[:, offsets[p]:offsets[p + 1]]`."""

    base: IntArray = field(default_factory=NOTHING.copy)
    offsets: IntArray = field(default_factory=lambda: np.zeros(1, np.int64))
    tails: dict[int, Tail] = field(default_factory=dict)

    def base_of(self, person: int) -> IntArray:
        """Return a person's share of the base."""
        if person + 1 >= len(self.offsets):
            return NOTHING
        return self.base[:, self.offsets[person] : self.offsets[person + 1]]

    def parts_of(self, person: int) -> tuple[IntArray, IntArray]:
        """Return a person's base and tail; together sorted by time, then log position."""
        tail = self.tails.get(person)
        if tail is None:
            return self.base_of(person), NOTHING
        newest = tail.columns[:, : tail.n_events]
        return (NOTHING if tail.is_whole else self.base_of(person)), newest


class Histories:
    """Keep people's events.

    One writer, under `lock`; readers take a view and need no lock, except the first after a large
    load, which sorts it in. A few events go to their people's tails: amortised O(1) in order of
    time, O(history) for one that comes late. Many at once wait and are sorted in together.
    """

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._view = View()
        self._waiting: list[tuple[IntArray, IntArray]] = []
        self._n_waiting = 0
        self._n_in_tails = 0
        self._moves: list[Merge] = []

    def add(self, people: IntArray, columns: IntArray, merges: Sequence[Merge]) -> None:
        """Take in events of `people`, shape (n,), in log order, and who turned out to be whom."""
        if len(people) > _MANY_EVENTS or self._waiting:
            self._wait(people, columns, merges)
            return
        for old, new in merges:
            self._move(old, new)
        if len(people) == 1:
            self._extend(int(people[0]), columns)
        elif len(people):
            self._add_each(people, columns)
        if self._n_in_tails > max(_MIN_SETTLE, self._view.base.shape[1] // 2):
            self._settle()

    def past(self, person: int, *, as_of: int, limit: int | None = None) -> IntArray:
        """Return a person's newest `limit` events with an item up to an instant, oldest first."""
        base, tail = self._until(person, as_of)
        if limit is None:
            return _with_item(_join(base, tail))
        window = limit
        while True:
            events = _with_item(_last(base, tail, window))
            if events.shape[1] >= limit or window >= base.shape[1] + tail.shape[1]:
                return events[:, max(0, events.shape[1] - limit) :]
            window *= 2

    def span(self, person: int, *, as_of: int) -> tuple[int, int | None, int | None]:
        """Return how many events of any kind a person has, and the first and last time."""
        base, tail = self._until(person, as_of)
        count = base.shape[1] + tail.shape[1]
        if not count:
            return 0, None, None
        first, last = (base if base.size else tail), (tail if tail.size else base)
        return count, int(first[TIME, 0]), int(last[TIME, -1])

    def positions(self, person: int, *, as_of: int) -> IntArray:
        """Return the log positions of a person's events of any kind up to an instant, in order."""
        base, tail = self._until(person, as_of)
        return np.sort(np.concatenate((base[POSITION], tail[POSITION])))

    def owners(self) -> tuple[IntArray, IntArray]:
        """Return the log positions of all events, in order, and whose each is, shape (n,)."""
        with self._lock:
            self._settle()
            view = self._view
        people = np.repeat(np.arange(len(view.offsets) - 1), np.diff(view.offsets))
        order = np.argsort(view.base[POSITION], kind="stable")
        return view.base[POSITION][order], people[order]

    def everything(self) -> IntArray:
        """Return all events, person after person."""
        with self._lock:
            self._settle()
            return self._view.base

    def drop(self, people: Sequence[int], positions: Sequence[int]) -> IntArray:
        """Forget people and the events at these log positions; return who else had any there."""
        self._settle()
        view = self._view
        owners = np.repeat(np.arange(len(view.offsets) - 1), np.diff(view.offsets))
        is_theirs = np.isin(owners, np.asarray(people, np.int64))
        is_there = np.isin(view.base[POSITION], np.asarray(positions, np.int64))
        kept = ~(is_theirs | is_there)
        self._view = _sorted_view(owners[kept], view.base[:, kept])
        return np.unique(owners[is_there & ~is_theirs])

    def _until(self, person: int, as_of: int) -> tuple[IntArray, IntArray]:
        """Return base and tail of a person up to an instant."""
        if self._waiting:
            with self._lock:
                self._settle()
        base, tail = self._view.parts_of(person)
        tail = _cut(tail, as_of)
        return (base if tail.size else _cut(base, as_of)), tail

    def _wait(self, people: IntArray, columns: IntArray, merges: Sequence[Merge]) -> None:
        """Keep many events until they are read, or are as many as the base."""
        self._moves.extend(merges)
        self._waiting.append((people, columns))
        self._n_waiting += len(people)
        if self._n_waiting > max(_MIN_SETTLE, self._view.base.shape[1]):
            self._settle()

    def _add_each(self, people: IntArray, columns: IntArray) -> None:
        """Hand each person their part of a small batch."""
        order = np.lexsort((columns[POSITION], columns[TIME], people))
        people, columns = people[order], columns[:, order]
        starts = np.flatnonzero(np.diff(people, prepend=-1)).tolist()
        for start, stop in zip(starts, [*starts[1:], len(people)], strict=True):
            self._extend(int(people[start]), columns[:, start:stop])

    def _extend(self, person: int, events: IntArray) -> None:
        """Put sorted events at the end of a person's past, or into it where they are late."""
        base, newest = self._view.parts_of(person)
        last = newest if newest.size else base
        self._n_in_tails += events.shape[1]
        if last.size and _when(events[:, 0]) < _when(last[:, -1]):
            whole = _in_order(np.concatenate((base, newest, events), axis=1))
            self._view.tails[person] = Tail(whole, whole.shape[1], is_whole=True)
        else:
            tail = self._view.tails.get(person, Tail(NOTHING, 0, is_whole=False))
            self._view.tails[person] = _appended(tail, events)

    def _move(self, old: int, new: int) -> None:
        """Give one person's events to another."""
        events = _join(*self._view.parts_of(old))
        if events.size:
            self._extend(new, events)
            self._view.tails[old] = Tail(NOTHING, 0, is_whole=True)

    def _settle(self) -> None:
        """Sort tails and what waits into a new base; call under the lock."""
        if not (self._waiting or self._view.tails or self._moves):
            return
        people, columns = self._gather()
        if self._moves:
            owner = np.arange(int(people.max(initial=-1)) + 1)
            moves = np.array([move for move in self._moves if move[0] < len(owner)], np.int64)
            owner[moves.reshape(-1, 2)[:, 0]] = moves.reshape(-1, 2)[:, 1]
            people = owner[people]
        self._view = _sorted_view(people, columns)
        self._waiting, self._moves = [], []
        self._n_waiting = self._n_in_tails = 0

    def _gather(self) -> tuple[IntArray, IntArray]:
        """Return person and columns of every event, in no order."""
        view = self._view
        lengths = np.diff(view.offsets)
        owners = np.repeat(np.arange(len(lengths)), lengths)
        tails = view.tails.items()
        replaced = [p for p, tail in tails if tail.is_whole and p < len(lengths)]
        is_kept = np.ones(len(lengths), np.bool_)
        is_kept[replaced] = False
        kept = is_kept[owners] if replaced else slice(None)
        counts = [tail.n_events for _, tail in tails]
        people = [owners[kept], np.repeat(np.fromiter(view.tails, np.int64), counts)]
        columns = [view.base[:, kept], *(tail.columns[:, : tail.n_events] for _, tail in tails)]
        people += [waiting for waiting, _ in self._waiting]
        columns += [waiting for _, waiting in self._waiting]
        return np.concatenate(people), np.concatenate(columns, axis=1)


def _sorted_view(people: IntArray, columns: IntArray) -> View:
    """Return a view whose base holds these events."""
    order = np.lexsort((columns[POSITION], columns[TIME], people))
    counts = np.bincount(people)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return View(np.ascontiguousarray(columns[:, order]), offsets)


def _appended(tail: Tail, events: IntArray) -> Tail:
    """Return a tail with events after its own; readers of the old one see what they saw."""
    count = tail.n_events + events.shape[1]
    columns = tail.columns
    if count > columns.shape[1]:
        columns = np.empty((N_ROWS, max(4, 2 * count)), np.int64)
        columns[:, : tail.n_events] = tail.columns[:, : tail.n_events]
    columns[:, tail.n_events : count] = events
    return Tail(columns, count, tail.is_whole)


def _when(event: IntArray) -> tuple[int, int]:
    """Return time and log position of an event."""
    return int(event[TIME]), int(event[POSITION])


def _in_order(columns: IntArray) -> IntArray:
    """Return one person's events by time, then log position."""
    return columns[:, np.lexsort((columns[POSITION], columns[TIME]))]


def _cut(columns: IntArray, as_of: int) -> IntArray:
    """Return the events up to an instant."""
    times = columns[TIME]
    if not len(times) or times[-1] <= as_of:
        return columns
    return columns[:, : np.searchsorted(times, as_of, side="right")]


def _last(base: IntArray, tail: IntArray, count: int) -> IntArray:
    """Return the newest events of both parts, at most `count`."""
    n_tail = tail.shape[1]
    if n_tail >= count:
        return tail[:, n_tail - count :]
    return _join(base[:, max(0, base.shape[1] - (count - n_tail)) :], tail)


def _join(base: IntArray, tail: IntArray) -> IntArray:
    """Return both parts as one."""
    if not tail.size:
        return base
    return np.concatenate((base, tail), axis=1) if base.size else tail


def _with_item(columns: IntArray) -> IntArray:
    """Return the events that show interest in an item."""
    has_item = columns[ITEM] >= 0
    return columns if has_item.all() else columns[:, has_item]
