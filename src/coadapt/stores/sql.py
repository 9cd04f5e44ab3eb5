"""Keep the event log in SQLite or PostgreSQL, through one code path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa

from coadapt.domain.errors import StoreError, StoreLostError
from coadapt.domain.events import Event
from coadapt.domain.queries import Person
from coadapt.stores._engine import open_database, opening
from coadapt.stores._erasure import Eraser
from coadapt.stores._marks import is_marked_unscrubbed, mark_unscrubbed
from coadapt.stores._scanning import BATCH_SIZE, EVENT_COLUMNS, newest_position, scan
from coadapt.stores._scrubbing import Scrubber
from coadapt.stores._tables import EVENTS, HEAD, REJECTED
from coadapt.stores._tombstones import LOG, Tombstones
from coadapt.stores._transaction import (
    LogTransaction,
    check_claim,
    read_tombstones,
    select_by_ids,
)
from coadapt.stores._writer import MAX_WAITING_ROWS, Job, Writer
from coadapt.stores.base import Appended, Erasure, PersonIds, Rejection
from coadapt.stores.event_rows import rows_of, to_batch
from coadapt.stores.migrations import migrate

__all__ = ["SqlEventStore"]

MAX_REJECTED_BODY_CHARS: Final = 8_192
_N_PLACES_A_QUERY: Final = 2_000


class SqlEventStore:
    """Keep events in the order of their positions, each once, fsynced before it is acknowledged.

    `url` is `sqlite:///path`, `sqlite://` (in memory) or `postgresql+psycopg://…`. All writes go
    through one thread, which commits in groups; reads use connections of their own and hold none
    between batches. Appends above `max_waiting_rows` raise OverloadedError.
    """

    def __init__(self, url: str, *, max_waiting_rows: int = MAX_WAITING_ROWS) -> None:
        self._database = open_database(url)
        with opening():
            migrate(self._database.engine)
        with self._database.reading() as connection:
            head = connection.execute(sa.select(HEAD)).one()
            self._tombstones = Tombstones(head.salt)
            self._tombstones.add(read_tombstones(connection, after=0))
            is_marked = is_marked_unscrubbed(connection)
        self._writer = Writer(self._database, self._tombstones, max_waiting_rows)
        self._scrubber = Scrubber(self._database, self._exclusively, self._unmark)
        if is_marked:
            self._scrubber.add(None, Future())

    def append(self, events: Sequence[Event]) -> Future[Appended]:
        """Write events; the future is done when they are fsynced.

        Raises InvalidEventError or OverloadedError at once; StoreError and StoreFullError come in
        the future.
        """
        rows = rows_of(events)
        return self._submit(Job(lambda transaction: transaction.append(rows), len(rows)))

    def reject(self, rejections: Sequence[Rejection]) -> Future[None]:
        """Keep refused events, their bodies cut to MAX_REJECTED_BODY_CHARS."""
        rows = [_rejected_row(rejection) for rejection in rejections]
        return self._submit(Job(lambda transaction: transaction.reject(rows), len(rows)))

    def rejected(
        self, project: str, *, after: int = 0, limit: int = 100
    ) -> list[tuple[int, Rejection]]:
        """Return refused events with their number, oldest first, numbers above `after`."""
        query = (
            sa.select(REJECTED)
            .where(REJECTED.c.project == project, REJECTED.c.number > after)
            .order_by(REJECTED.c.number)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            (row["number"], Rejection(**{k: v for k, v in row.items() if k != "number"}))
            for row in rows
        ]

    def scan(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        project: str | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> Iterator[pa.RecordBatch]:
        """Yield EVENT_SCHEMA batches in log order, positions in (after, until], a short read each.

        Without `until` events that arrive meanwhile are read too.
        """
        return scan(self._database, (after, until), project, batch_size)

    def last_position(self) -> int:
        """Return the newest position, 0 for a log that never held an event."""
        with self._database.reading() as connection:
            return newest_position(connection)

    def find(self, project: str, event_ids: Sequence[str]) -> pa.RecordBatch:
        """Return the stored events with these ids, in log order."""
        with self._database.reading() as connection:
            parts = select_by_ids(connection, project, [*dict.fromkeys(event_ids)], EVENT_COLUMNS)
            rows: list[Any] = [row for part in parts for row in part]
        return to_batch(sorted(rows, key=lambda row: row[0]))

    def at(self, positions: Sequence[int]) -> pa.RecordBatch:
        """Return the stored events at these positions, in log order; those that are gone lack."""
        places = sorted(positions)
        parts = [
            places[i : i + _N_PLACES_A_QUERY] for i in range(0, len(places), _N_PLACES_A_QUERY)
        ]
        query = sa.select(*EVENT_COLUMNS).order_by(EVENTS.c.position)
        with self._database.reading() as connection:
            found = [
                connection.execute(query.where(EVENTS.c.position.in_(part))).all() for part in parts
            ]
        return to_batch([row for rows in found for row in rows])

    def erase(self, project: str, ids: PersonIds) -> Future[Erasure]:
        """Remove a person: see `Eraser` for what counts as theirs and as naming them.

        See `Scrubber` for how the bytes go, after the future is done.
        """
        eraser = Eraser(project, ids, self._tombstones)
        scrubbed: Future[bool] = Future()

        def run(transaction: LogTransaction) -> Erasure:
            return replace(eraser.run(transaction), scrubbed=scrubbed)

        def finish() -> None:
            eraser.remember()
            self._scrubber.add(eraser.ids.user_ids | eraser.ids.anonymous_ids, scrubbed)

        return self._submit(Job(run, 0, after=finish))

    def is_erased(self, project: str, person: Person) -> bool:
        """Tell whether a person was erased, as this process knows.

        An append asks the database itself: its outcome "erased" holds whoever erased them.
        """
        return self._tombstones.refuses(project, person.user_id, person.anonymous_id)

    def fingerprint(self, position: int) -> str:
        """Return what tells this log from another: a hash by this installation's salt."""
        there = sa.select(EVENTS.c.event_id).where(EVENTS.c.position == position)
        with self._database.reading() as connection:
            n_erased, event_id = connection.execute(
                sa.select(HEAD.c.n_erased, there.scalar_subquery())
            ).one()
        return self._tombstones.hash("", f"{position}:{n_erased}:{event_id}", LOG)

    def claim(self) -> None:
        """Become the one store that writes: what claimed the log before is refused from now on.

        Raises StoreError.
        """
        self._writer.claim = self._submit(Job(lambda transaction: transaction.claim(), 0)).result()

    @property
    def fault(self) -> StoreError | None:
        """Return why the last write failed, None where it did not."""
        return self._writer.fault

    def check(self) -> None:
        """Raise StoreError where the log cannot be read, or its last write failed.

        Raises StoreLostError as soon as somebody else has claimed it.
        """
        with self._database.reading() as connection:
            newest = connection.execute(sa.select(HEAD.c.n_claims)).scalar_one()
        try:
            check_claim(self._writer.claim, newest)
        except StoreLostError as error:
            self._writer.note(error)
        if self.fault is not None:
            raise self.fault

    @property
    def n_unscrubbed(self) -> int:
        """Return how many erasures may still have bytes in the files."""
        return self._scrubber.n_pending

    def close(self) -> None:
        """Finish what was accepted, then let go of the files."""
        self._scrubber.close()
        self._writer.close()
        self._database.engine.dispose()

    def _exclusively(self, step: Callable[[], None]) -> None:
        """Run a step in the writer's thread, where nothing else is written, and wait for it."""
        self._submit(Job(lambda _: None, 0, after=step)).result()

    def _unmark(self) -> None:
        """Note in the file that no erased byte is left, unless more was erased since."""

        def run(transaction: LogTransaction) -> None:
            if not self._scrubber.n_pending:
                mark_unscrubbed(transaction.connection, is_unscrubbed=False)

        self._submit(Job(run, 0))

    def _submit(self, job: Job) -> Future[Any]:
        """Queue a job and return its future."""
        self._writer.submit(job)
        return job.future


def _rejected_row(rejection: Rejection) -> dict[str, Any]:
    """Return a refused event as a row of text that every database can hold."""
    row = {
        name: getattr(rejection, name)
        for name in REJECTED.c.keys()  # noqa: SIM118  (a column collection, not a dict)
        if name != "number"
    }
    row["body"] = row["body"][:MAX_REJECTED_BODY_CHARS]
    return {k: _storable(v) if isinstance(v, str) else v for k, v in row.items()}


def _storable(text: str) -> str:
    """Return text with what no database can hold replaced."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
