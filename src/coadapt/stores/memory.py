"""Keep state in this process; it is rebuilt from the log at every start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from coadapt.domain.queries import ItemFilter, Person
from coadapt.stores._histories import ITEM, NOTHING, POSITION, TIME, TYPE, VALUE
from coadapt.stores._numbering import FEW_ROWS, IntArray
from coadapt.stores._people import People
from coadapt.stores._project import ProjectState
from coadapt.stores.base import Folded, Follower, Past, PersonIds, Profile, Span

__all__ = ["MemoryFeatureStore"]


class MemoryFeatureStore:
    """Fold events as they come; every read takes `as_of` and never waits for a writer.

    One writer at a time holds a lock. Readers hold none: they see each batch's effects piece by
    piece, and wait only when the first of them sorts in a large load or indexes an attribute.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._projects: dict[str, ProjectState] = {}
        self._position = 0
        self._followers: list[Follower] = []

    @property
    def position(self) -> int:
        """Return the last log position that was folded in."""
        return self._position

    def update(self, batch: pa.RecordBatch) -> None:
        """Fold a batch of EVENT_SCHEMA in log order; what was folded before is skipped."""
        with self._lock:
            batch = _after(self._position, batch)
            if not batch.num_rows:
                return
            for project, part in _by_project(batch):
                people, merges = self._state(project).update(part)
                for follower in self._followers:
                    follower.fold(Folded(project, part, people, tuple(merges)))
            self._position = batch.column("position")[batch.num_rows - 1].as_py()

    def follow(self, follower: Follower) -> None:
        """Tell one more follower of whatever is folded in or erased from now on."""
        self._followers.append(follower)

    def number_of(self, project: str, person: Person) -> int | None:
        """Return a person's number, None for who is unknown."""
        state = self._projects.get(project)
        return None if state is None else state.people.find(person)

    def positions_of(self, project: str, number: int, *, as_of: int) -> IntArray:
        """Return the log positions of what a person did up to an instant, in order."""
        state = self._projects.get(project)
        if state is None:
            return np.empty(0, np.int64)
        return state.histories.positions(number, as_of=as_of)

    def span_of(self, project: str, number: int, *, as_of: int) -> Span:
        """Return how much a person did up to an instant, and when first and last."""
        state = self._projects.get(project)
        if state is None:
            return Span()
        return Span(*state.histories.span(number, as_of=as_of))

    def owners(self, project: str) -> tuple[IntArray, IntArray]:
        """Return the log positions of all that people did, in order, and whose each is."""
        state = self._projects.get(project)
        if state is None:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return state.histories.owners()

    def past(self, project: str, person: Person, *, as_of: int, limit: int | None = None) -> Past:
        """Return a person's newest `limit` interest events; empty for an unknown person."""
        state = self._projects.get(project)
        number = None if state is None else state.people.find(person)
        if state is None or number is None:
            return _as_past(NOTHING, np.empty(0, object))
        columns = state.histories.past(number, as_of=as_of, limit=limit)
        return _as_past(columns, state.types.names[columns[TYPE]])

    def item_ids(self, project: str) -> Sequence[str]:
        """Return item ids by item number; the list is the store's own and only grows."""
        state = self._projects.get(project)
        return [] if state is None else state.catalogue.numbers.ids

    def item(self, project: str, item_id: str, *, as_of: int) -> Mapping[str, Any] | None:
        """Return an item's attributes, or None if it was never described or is retired."""
        state = self._projects.get(project)
        return None if state is None else state.catalogue.item(item_id, as_of=as_of)

    def allowed(
        self, project: str, *, as_of: int, item_filter: ItemFilter | None = None
    ) -> npt.NDArray[np.bool_]:
        """Return which item numbers may be shown, shape (n_items,): available and in the filter."""
        state = self._projects.get(project)
        if state is None:
            return np.empty(0, np.bool_)
        return state.catalogue.allowed(as_of=as_of, item_filter=item_filter)

    def trending(self, project: str, *, as_of: int, k: int) -> list[tuple[str, float]]:
        """Return the k items of most recent interest, best first; interest halves in a day."""
        state = self._projects.get(project)
        return [] if state is None else state.trending(as_of=as_of, k=k)

    def profile(self, project: str, person: Person, *, as_of: int) -> Profile | None:
        """Return what is stored about a person, or None."""
        state = self._projects.get(project)
        number = None if state is None else state.people.find(person)
        if state is None or number is None:
            return None
        n_events, first, last = state.histories.span(number, as_of=as_of)
        if not n_events and not state.profiles.is_known(number, as_of=as_of):
            return None
        return Profile(
            user_id=state.people.user_id(number) or person.anonymous_id or "",
            properties=state.profiles.properties(number, as_of=as_of),
            follows=state.profiles.follows(number, as_of=as_of),
            is_personalized=self.is_personalized(project, person, as_of=as_of),
            n_events=n_events,
            first_seen=first,
            last_seen=last,
        )

    def users(self, project: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, str]]:
        """Return users in the order in which they came, each with the number to go on after."""
        state = self._projects.get(project)
        return [] if state is None else state.people.users(after=after, limit=limit)

    def is_personalized(self, project: str, person: Person, *, as_of: int) -> bool:
        """Tell whether a person has opted out under neither id."""
        state = self._projects.get(project)
        if state is None:
            return True
        numbers = state.people.find_each(person)
        return all(state.profiles.is_personalized(n, as_of=as_of) for n in numbers)

    def ids_of(self, project: str, person: Person) -> PersonIds:
        """Return every id known to be a person's, the given ones included."""
        state = self._projects.get(project)
        return (People() if state is None else state.people).ids_of(person)

    def erase(
        self,
        project: str,
        ids: PersonIds,
        positions: Sequence[int],
        shared: pa.RecordBatch | None = None,
    ) -> None:
        """Forget people and the events at these log positions.

        What the log keeps of visitors that they shared, `shared`, becomes whose it would be had
        they never been there.
        """
        with self._lock:
            state = self._projects.get(project)
            gone, changed = ([], []) if state is None else state.erase(ids, positions, shared)
            for follower in self._followers:
                follower.forget(project, gone, ids, changed)

    def restate(self, batch: pa.RecordBatch) -> None:
        """Fold descriptions that were rewritten at the positions where they were folded before."""
        with self._lock:
            for project, part in _by_project(batch):
                self._state(project).restate(part)

    def _state(self, project: str) -> ProjectState:
        """Return a project's state, new if it has none."""
        if project not in self._projects:
            self._projects[project] = ProjectState(self._lock)
        return self._projects[project]


def _after(position: int, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows after a log position."""
    positions = batch.column("position").to_numpy()
    return batch.slice(int(np.searchsorted(positions, position, side="right")))


def _by_project(batch: pa.RecordBatch) -> list[tuple[str, pa.RecordBatch]]:
    """Split a batch by project, each part in log order."""
    projects = batch.column("project")
    few = len(projects) <= FEW_ROWS
    names = [*dict.fromkeys((projects if few else projects.unique()).to_pylist())]
    if len(names) == 1:
        return [(names[0], batch)]
    return [(name, batch.filter(pc.equal(projects, name))) for name in names]


def _as_past(columns: IntArray, types: npt.NDArray[np.object_]) -> Past:
    """Name the columns of a history."""
    return Past(
        items=columns[ITEM],
        types=types,
        times=columns[TIME],
        values=columns[VALUE].view(np.float64),
        positions=columns[POSITION],
    )
