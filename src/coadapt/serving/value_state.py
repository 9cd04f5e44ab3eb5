"""Keep a value model level with one project's log, person by person, in bounded memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any, Final

import numpy as np
import pyarrow as pa

from coadapt.data.batches import BoolArray, IntArray
from coadapt.domain.containment import contained
from coadapt.domain.errors import ValuingError
from coadapt.serving.tally import Tally
from coadapt.serving.value_rows import BYTES_A_ROW, Roster, distinct
from coadapt.serving.value_stream import Exchange, Streams
from coadapt.stores.base import EventStore, FeatureStore, Folded, PersonIds
from coadapt.training.value_load import LoadedValue

_logger = logging.getLogger(__name__)

REFUSED: Final = "value_refused_events"
_SHARE_EVICTED: Final = 10
_FOREVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what the state of a project is derived from, and how many people it may hold."""

    project: str
    store: EventStore
    features: FeatureStore
    tally: Tally
    max_users: int = 200_000

    def positions_of(self, person: int, as_of: int, until: int) -> IntArray:
        """Return the log positions, up to one, of what a person did up to an instant."""
        places = self.features.positions_of(self.project, person, as_of=as_of)
        return places[places <= until]

    def aside(self, features: FeatureStore) -> Surroundings:
        """Return those of a state that folds other features and whose counts nobody sees."""
        return replace(self, features=features, tally=Tally())


class ValueState:
    """Fold what one project's people do into a value model.

    It follows a feature store: `fold` and `forget` only note what happened, in log order; `settle`
    folds it, in the thread of whoever asks first. All else is under `lock`. Of people who are
    silent for longest the state is forgotten when there is no room; it is folded again from the log
    when they return.
    """

    def __init__(self, loaded: LoadedValue, around: Surroundings) -> None:
        currencies = loaded.config.currencies
        self.loaded = loaded
        self.model = loaded.model
        self.around = around
        self.lock = RLock()
        self.roster = Roster()
        self.streams = Streams(Exchange(currencies.named_base(), currencies.rates))
        self.position = 0
        self.newest_ms = 0
        self.n_folded = 0
        self.has_evicted = False
        self.has_failed = False
        self._waiting: list[Folded] = []
        self._leaving: list[tuple[Sequence[int], PersonIds, Sequence[int]]] = []
        self._noting = RLock()
        self._n_measured = 0
        self._bytes_per_user = 0.0

    @property
    def run_id(self) -> str:
        """Return the run that serves."""
        return self.loaded.manifest.run_id

    def fold(self, folded: Folded) -> None:
        """Note what was appended to the log."""
        if not self.has_failed:
            with self._noting:
                self._waiting.append(folded)

    def forget(
        self, project: str, people: Sequence[int], ids: PersonIds, changed: Sequence[int]
    ) -> None:
        """Note who was erased, and whose past changed by it."""
        del project
        with self._noting:
            self._leaving.append((people, ids, changed))

    @property
    def n_waiting(self) -> int:
        """Return how many events were noted and not folded yet."""
        return sum(folded.batch.num_rows for folded in list(self._waiting))

    @property
    def bytes_per_user(self) -> float:
        """Return the bytes that one person takes, measured again when their number has grown."""
        with self.lock:
            if self.roster.n_rows > 1.1 * self._n_measured:
                self._n_measured = self.roster.n_rows
                self._bytes_per_user = self.model.bytes_per_user + BYTES_A_ROW
        return self._bytes_per_user

    def settle(self) -> None:
        """Fold whatever was noted; afterwards the state is level with the log as it was.

        Raises ValuingError, from then on always, when the model fails.
        """
        with self.lock:
            self.check()
            with contained() as held:
                self._settle()
            if held.error is not None:
                _logger.error("a value model failed", exc_info=held.error)
                self.fail()
                self.check()

    def fail(self) -> None:
        """Answer no more: the state may lack events."""
        self.has_failed = True
        self._waiting.clear()

    def check(self) -> None:
        """Raise ValuingError if the model has failed."""
        if self.has_failed:
            raise ValuingError("the value model failed: promote another run, or start again")

    def _settle(self) -> None:
        """Fold what was noted, then forget who was erased."""
        with self._noting:
            waiting, self._waiting = self._waiting, []
            leaving, self._leaving = self._leaving, []
        if waiting:
            self._fold(waiting)
        for people, ids, changed in leaving:
            self._forget(distinct(people, changed), ids)
            self._remember(distinct(changed))

    def take_in(self, batch: pa.RecordBatch, people: IntArray) -> None:
        """Fold events of people, which has shape (n,), in log order; call under the lock."""
        if not len(people):
            return
        rows = self.roster.add(people)
        stream, n_refused = self.streams.make(batch, rows, self.roster.n_rows)
        self.model.update(stream)
        self.roster.note(rows, batch.column("position").to_numpy())
        self.newest_ms = max(self.newest_ms, int(stream.received.max(initial=0)))
        self.n_folded += len(people)
        if n_refused:
            self.around.tally.add(REFUSED, self.around.project, "currency", n_refused)

    def fold_again(self, people: IntArray, until: int) -> None:
        """Make people's state anew from the log up to a position; call under the lock."""
        if not len(people):
            return
        rows = self.roster.rows(people)
        self._empty(rows[rows >= 0])
        rows = self.roster.add(people)
        places, owners = self._refold(people, rows, _FOREVER, until)
        self.roster.note(owners, places)

    @contextmanager
    def rows_of(self, people: IntArray, as_of: int) -> Iterator[IntArray]:
        """Lend people's own rows, and rows folded from the log for those who have none."""
        rows = self.roster.rows(people)
        is_away = rows < 0
        with self.lent(people[is_away], as_of) as lent:
            rows[is_away] = lent
            yield rows

    @contextmanager
    def lent(self, people: IntArray, as_of: int) -> Iterator[IntArray]:
        """Lend rows that hold what people did up to an instant; call under the lock.

        It is read from the log, and the rows are emptied afterwards.
        """
        rows = self.roster.lend(len(people))
        try:
            if len(rows):
                self._refold(people, rows, as_of, self.position)
            yield rows
        finally:
            self._empty(rows)

    def make_room(self, n_people: int, but: IntArray) -> None:
        """Forget the longest silent where so many more would not fit; call under the lock."""
        n_over = len(self.roster) + n_people - self.around.max_users
        if n_over <= 0:
            return
        n_out = max(n_over, self.around.max_users // _SHARE_EVICTED)
        self._empty(self.roster.longest_silent(n_out, but.tolist()))
        self.has_evicted = True

    def _fold(self, waiting: Sequence[Folded]) -> None:
        """Fold noted batches as one.

        Whose pasts were joined, or who returns, gets their old events back first; then everybody's
        new ones are folded in log order, so that what people share has all of them.
        """
        until = waiting[-1].batch.column("position")[-1].as_py()
        merges = [merge for folded in waiting for merge in folded.merges]
        gone, joined = (np.array([pair[i] for pair in merges], np.int64) for i in (0, 1))
        rows = self.roster.rows(np.unique(gone))
        self._empty(rows[rows >= 0])
        batch, people = _behaviour(waiting, after=self.position)
        people = _joined(people, merges)
        if len(people) or len(joined):
            newcomers = np.unique(people[self.roster.rows(people) < 0])
            again = distinct(joined, self._returning(newcomers))
            self.make_room(len(newcomers), but=people)
            self.fold_again(again, self.position)
            self.take_in(batch, people)
            self.make_room(0, but=people[:0])
        self.position = max(self.position, until)

    def _returning(self, people: IntArray) -> IntArray:
        """Return those of the people whose past was folded before and forgotten."""
        if not self.has_evicted:
            return people[:0]
        has_past = [
            self.around.positions_of(person, _FOREVER, self.position).size > 0 for person in people
        ]
        return people[np.array(has_past, np.bool_)]

    def _refold(
        self, people: IntArray, rows: IntArray, as_of: int, until: int
    ) -> tuple[IntArray, IntArray]:
        """Fold what people did into empty rows; return the events' log positions and rows."""
        pasts = [self.around.positions_of(int(person), as_of, until) for person in people]
        places = np.concatenate([*pasts, np.empty(0, np.int64)])
        owners = np.repeat(rows, [len(past) for past in pasts])
        batch = self.around.store.at(places.tolist())
        found = batch.column("position").to_numpy()
        order = np.argsort(places)
        owners = owners[order][np.searchsorted(places[order], found)]
        stream, _ = self.streams.make(batch, owners, self.roster.n_rows)
        if len(stream):
            self.model.refold(stream)
        return found, owners

    def _forget(self, people: IntArray, ids: PersonIds) -> None:
        """Empty the state of people and forget the names of the erased."""
        rows = self.roster.rows(people)
        self._empty(rows[rows >= 0])
        for identifier in ids.user_ids | ids.anonymous_ids:
            self.streams.forget(identifier)

    def _remember(self, people: IntArray) -> None:
        """Fold what the log still has of people whose state was emptied."""
        pasts = [self.around.positions_of(person, _FOREVER, self.position) for person in people]
        people = people[np.array([past.size > 0 for past in pasts], np.bool_)]
        self.make_room(len(people), but=people)
        self.fold_again(people, self.position)
        self.make_room(0, but=people[:0])

    def _empty(self, rows: IntArray) -> None:
        """Forget rows and make them free."""
        if len(rows):
            self.model.forget(rows)
            self.roster.give_back(rows)


def _behaviour(waiting: Sequence[Folded], after: int) -> tuple[pa.RecordBatch, IntArray]:
    """Return what people did after a log position, as one batch, and who did it."""
    people = np.concatenate([folded.people for folded in waiting])
    parts: list[Any] = [folded.batch for folded in waiting]
    batch = pa.concat_batches(parts) if len(parts) > 1 else parts[0]
    kept = is_behaviour(batch) & (people >= 0) & (batch.column("position").to_numpy() > after)
    return (batch, people) if kept.all() else (batch.filter(pa.array(kept)), people[kept])


def _joined(people: IntArray, merges: Sequence[tuple[int, int]]) -> IntArray:
    """Return people by the numbers that they have since they were merged."""
    number_of = dict(merges)
    found, places = np.unique(people, return_inverse=True)
    numbers = [number_of.get(person, person) for person in found.tolist()]
    return np.array(numbers, np.int64)[places]


def is_behaviour(batch: pa.RecordBatch) -> BoolArray:
    """Tell which rows are something that people did, and not a record of ours."""
    types = batch.column("type").to_pylist()
    return np.array([not name.startswith("$") for name in types], np.bool_)
