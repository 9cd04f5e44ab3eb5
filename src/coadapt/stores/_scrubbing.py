"""Make erasures reach the bytes of the files, and try again until they do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import Final

import sqlalchemy as sa
from sqlalchemy import exc

from coadapt.domain.errors import CoadaptError, StoreError
from coadapt.stores._engine import Database
from coadapt.stores._leftovers import Leftovers
from coadapt.stores._tables import EVENTS, REJECTED

RETRY_S: Final = 2.0
BUSY_TIMEOUT_MS: Final = 100

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Task:
    """Hold the ids to remove, None where they are not known any more, and the first outcome."""

    ids: Collection[str] | None
    tried: Future[bool]


class Scrubber:
    """Remove the bytes of what was erased, in a thread of its own.

    SQLite zeroes what it deletes, and its write-ahead log is emptied into the file; a page that was
    once split may still hold a copy, so the file's free space is searched while appends go on, and
    only where an id is found is the file rewritten (VACUUM), for which writes wait. A reader that
    holds the log makes it try again every RETRY_S. `exclusively` runs a step while nothing is
    written; `unmark` is called when nothing waits any more. PostgreSQL keeps dead rows until VACUUM
    FULL rewrites the tables; its own write-ahead log and archives of it keep the bytes until they
    are recycled, which only their owner can hasten.
    """

    def __init__(
        self,
        database: Database,
        exclusively: Callable[[Callable[[], None]], None],
        unmark: Callable[[], None],
    ) -> None:
        self._database = database
        self._exclusively = exclusively
        self._unmark = unmark
        self._tasks: list[_Task] = []
        self._is_closing = False
        self._changed = Condition()
        self._thread = Thread(target=self._work, name="coadapt-scrubber", daemon=True)
        self._thread.start()

    @property
    def n_pending(self) -> int:
        """Return how many erasures may still have bytes in the files."""
        return len(self._tasks)

    def add(self, ids: Collection[str] | None, tried: Future[bool]) -> None:
        """Scrub ids, None: whatever there is; `tried` then tells whether the first try did it."""
        with self._changed:
            if self._is_closing:
                tried.set_result(False)
                return
            self._tasks.append(_Task(ids, tried))
            self._changed.notify()

    def close(self) -> None:
        """Finish the try that runs, then end the thread; what waits stays marked."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        """Try whatever waits, and again after a while, until closed."""
        while tasks := self._take():
            is_done = self._try(tasks)
            if is_done:
                self._finish(len(tasks))
            for task in tasks:
                if not task.tried.done():
                    task.tried.set_result(is_done)
            if not is_done:
                self._pause(len(tasks))

    def _finish(self, n_done: int) -> None:
        """Drop the tasks that are done, and the mark with the last of them."""
        with self._changed:
            self._tasks = self._tasks[n_done:]
        if not self._tasks:
            with suppress(CoadaptError):
                self._unmark()

    def _pause(self, n_tried: int) -> None:
        """Wait before the next try, until something new comes."""
        with self._changed:
            if not self._is_closing and len(self._tasks) == n_tried:
                self._changed.wait(RETRY_S)

    def _take(self) -> list[_Task]:
        """Wait for tasks and return them; empty: closed."""
        with self._changed:
            while not self._tasks and not self._is_closing:
                self._changed.wait()
            is_new = any(not task.tried.done() for task in self._tasks)
            return [*self._tasks] if is_new or not self._is_closing else []

    def _try(self, tasks: Collection[_Task]) -> bool:
        """Tell whether no byte is left."""
        known = [task.ids for task in tasks if task.ids is not None]
        ids = None if len(known) < len(tasks) else {i for part in known for i in part}
        try:
            self._scrub(ids)
        except (CoadaptError, exc.SQLAlchemyError, OSError) as error:
            _logger.warning("bytes of erased people wait to be removed: %s", type(error).__name__)
            return False
        return True

    def _scrub(self, ids: Collection[str] | None) -> None:
        """Remove the bytes. Raises StoreError while a reader holds them."""
        if not self._database.is_sqlite:
            self._exclusively(self._rewrite_tables)
        elif self._database.file is not None:
            self._exclusively(self._truncate_log)
            if ids is None or self._is_left(ids, self._database.file):
                self._exclusively(self._rewrite_file)

    def _truncate_log(self) -> None:
        """Empty SQLite's write-ahead log into the file."""
        with self._connection() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            is_busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if is_busy:
            raise StoreError("a long read keeps the bytes of an erased person; end it")

    def _is_left(self, ids: Collection[str], file: Path) -> bool:
        """Search the file; a read is held meanwhile, so that appends stay in the log beside it."""
        with self._connection() as connection:
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").one()
            is_left = Leftovers(ids).are_in(file)
            connection.exec_driver_sql("COMMIT")
        return is_left

    def _rewrite_file(self) -> None:
        """Rewrite SQLite's file with what is live."""
        with self._connection() as connection:
            connection.exec_driver_sql("VACUUM")
        self._truncate_log()

    def _rewrite_tables(self) -> None:
        """Rewrite PostgreSQL's tables with what is live."""
        with self._connection() as connection:
            connection.exec_driver_sql(f"VACUUM FULL {EVENTS.name}")
            connection.exec_driver_sql(f"VACUUM FULL {REJECTED.name}")

    def _connection(self) -> sa.Connection:
        """Return a connection that is closed for good at the end: its settings are its own."""
        options = {"isolation_level": "AUTOCOMMIT"}
        connection = self._database.engine.connect().execution_options(**options)
        connection.detach()
        return connection
