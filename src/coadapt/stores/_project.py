"""Fold one project's events into people, histories, catalogue and popularity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import RLock
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from coadapt.domain.queries import Person
from coadapt.stores._catalogue import Catalogue, Version
from coadapt.stores._event_types import ABOUT_PEOPLE, EventTypes
from coadapt.stores._histories import ITEM, N_ROWS, POSITION, TIME, TYPE, VALUE, Histories
from coadapt.stores._numbering import IntArray, numbers_of
from coadapt.stores._people import Merge, People
from coadapt.stores._popularity import Popularity, popularity_of
from coadapt.stores._profiles import Profiles
from coadapt.stores.base import PersonIds

_SLACK_MS: Final = 10_000
"""How long before the newest arrival an answer may have been asked for that is not yet given."""


class ProjectState:
    """Hold what the events of one project fold into."""

    def __init__(self, lock: RLock) -> None:
        self.people = People()
        self.profiles = Profiles()
        self.histories = Histories(lock)
        self.catalogue = Catalogue(lock)
        self.popularity = Popularity()
        self.types = EventTypes()
        self._arrived = 0

    def update(self, batch: pa.RecordBatch) -> tuple[IntArray, Sequence[Merge]]:
        """Fold a batch of this project's events; return each row's person and who was merged."""
        people, merges = self.people.assign(batch.column("user_id"), batch.column("anonymous_id"))
        for old, new in merges:
            self.profiles.merge(old, new)
        columns = self._fold(batch, people, merges)
        interest = columns if (columns[ITEM] >= 0).all() else columns[:, columns[ITEM] >= 0]
        self._arrived = max(
            self._arrived, int(batch.column("received_at").to_numpy().max(initial=0))
        )
        self.popularity.add(interest[ITEM], interest[TIME], until=self._arrived - _SLACK_MS)
        return people, merges

    def trending(self, *, as_of: int, k: int) -> list[tuple[str, float]]:
        """Return the items of most recent interest; in the past all are recounted."""
        popularity = self.popularity
        if popularity.newest is not None and as_of < popularity.newest:
            events = self.histories.everything()
            events = events[:, (events[ITEM] >= 0) & (events[TIME] <= as_of)]
            popularity = popularity_of(events[ITEM], events[TIME], until=as_of)
        items, scores = popularity.top(as_of=as_of, k=k)
        ids = self.catalogue.numbers.ids
        return [(ids[i], score) for i, score in zip(items.tolist(), scores.tolist(), strict=True)]

    def erase(
        self, ids: PersonIds, positions: Sequence[int], shared: pa.RecordBatch | None = None
    ) -> tuple[list[int], list[int]]:
        """Forget people and the events at these positions.

        `shared` is what is left of visitors that they shared with others. Return the people's
        numbers, and those of who stays with another past.
        """
        people = self.people.forget(ids)
        self.profiles.drop(people, ids.user_ids)
        self.profiles.drop_at(positions)
        changed = self.histories.drop(people, positions)
        if shared is not None:
            visitors = shared.column("anonymous_id")
            self.people.unlink(visitors.unique().to_pylist())
            self.people.assign(shared.column("user_id"), visitors)
        events = self.histories.everything()
        events = events[:, events[ITEM] >= 0]
        until = self._arrived - _SLACK_MS
        self.popularity = popularity_of(events[ITEM], events[TIME], until=until)
        return people, changed.tolist()

    def restate(self, batch: pa.RecordBatch) -> None:
        """Fold facts anew that were rewritten in place."""
        sides = (batch.column(name).to_pylist() for name in ("user_id", "anonymous_id"))
        found = [self.people.find(Person(*ids)) for ids in zip(*sides, strict=True)]
        people = np.array([-1 if number is None else number for number in found], np.int64)
        times, positions = (batch.column(name).to_pylist() for name in ("timestamp", "position"))
        for person, *when in zip(people.tolist(), times, positions, strict=True):
            self.profiles.retract(person, when)
        self._fold_facts(batch, self.types.numbers(batch.column("type")), people)

    def _fold(self, batch: pa.RecordBatch, people: IntArray, merges: Sequence[Merge]) -> IntArray:
        """Fold facts and behaviour of people; return the columns of what they did."""
        types = self.types.numbers(batch.column("type"))
        self._fold_facts(batch, types, people)
        columns = self._columns(batch, types)
        kept = self.types.is_behaviour[types] & (people >= 0)
        if not kept.all():
            people, columns = people[kept], columns[:, kept]
        self.histories.add(people, columns, merges)
        return columns

    def _columns(self, batch: pa.RecordBatch, types: IntArray) -> IntArray:
        """Return a batch as the columns of a history, shape (5, n)."""
        columns = np.empty((N_ROWS, len(types)), np.int64)
        columns[TIME] = batch.column("timestamp").to_numpy()
        columns[POSITION] = batch.column("position").to_numpy()
        columns[TYPE] = types
        values = batch.column("value").to_numpy(zero_copy_only=False).astype(np.float64)
        columns[VALUE] = values.view(np.int64)
        items = numbers_of(batch.column("item_id"), self.catalogue.numbers.add)
        columns[ITEM] = np.where(self.types.shows_interest[types], items, -1)
        return columns

    def _fold_facts(self, batch: pa.RecordBatch, types: IntArray, people: IntArray) -> None:
        """Fold the events that describe items and people."""
        about = self.types.is_fact[types]
        if not about.any():
            return
        rows = np.flatnonzero(about)
        facts = batch.take(pa.array(rows)).select(
            ["type", "timestamp", "position", "item_id", "body"]
        )
        columns = (column.to_pylist() for column in facts.columns)
        self._fold_each(zip(people[rows].tolist(), *columns, strict=True))

    def _fold_each(self, facts: Iterable[tuple[Any, ...]]) -> None:
        """Fold (person, type, timestamp, position, item_id, body) one by one."""
        decode = msgspec.json.Decoder().decode
        for person, kind, time, position, item_id, text in facts:
            body = decode(text) if text else {}
            if kind in ABOUT_PEOPLE:
                if person >= 0:
                    self.profiles.fold(person, kind, (time, position), body)
            elif item_id is not None:
                described = body.get("properties") or {} if kind == "$item" else None
                self.catalogue.put(item_id, Version(time, position, described))
