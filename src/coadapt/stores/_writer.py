"""Commit in groups: one thread takes what waits and fsyncs it once."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Final

from sqlalchemy import exc

from coadapt.domain.containment import contained
from coadapt.domain.errors import OverloadedError, StoreError
from coadapt.domain.gathering import Gathering
from coadapt.stores._engine import Database, store_error
from coadapt.stores._tombstones import Tombstones
from coadapt.stores._transaction import LogTransaction

_logger = logging.getLogger(__name__)

MAX_WAITING_ROWS: Final = 20_000
MAX_GROUP_ROWS: Final = 10_000

GATHER_S: Final = 0.004
"""Time between two commits in which work gathers: one costs as much as ten events in it."""


@dataclass(frozen=True, slots=True)
class Job:
    """State one piece of work for the writer.

    `run` works inside the transaction that the whole group shares; `after` once it is committed,
    outside of any and before any later job; such a job has a group of its own. `n_rows` is its
    share of the queue's bound.
    """

    run: Callable[[LogTransaction], Any]
    n_rows: int
    after: Callable[[], None] | None = None
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """Own the only thread that writes to a log.

    A group's futures are resolved after its commit, with the error if it failed: nothing is retried
    and nothing acknowledged that was not committed. A caller who writes alone never waits for
    others. `claim` is the number under which it writes, None without one; `fault` says why the last
    commit failed, None where it did not.
    """

    def __init__(
        self,
        database: Database,
        tombstones: Tombstones,
        max_waiting_rows: int = MAX_WAITING_ROWS,
    ) -> None:
        self._database = database
        self._tombstones = tombstones
        self._max_waiting_rows = max_waiting_rows
        self.claim: int | None = None
        self.fault: StoreError | None = None
        self._jobs: deque[Job] = deque()
        self._n_waiting_rows = 0
        self._is_closing = False
        self._changed = Condition()
        self._thread = Thread(target=self._work, name="coadapt-log-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job. Raises OverloadedError at once when too much waits, StoreError if closed."""
        with self._changed:
            if self._is_closing:
                raise StoreError("the event log is closed")
            if self._jobs and self._n_waiting_rows + job.n_rows > self._max_waiting_rows:
                raise OverloadedError("too many events wait for the disk; send again later")
            self._jobs.append(job)
            self._n_waiting_rows += job.n_rows
            self._changed.notify()

    def close(self) -> None:
        """Finish what was accepted, then end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        """Commit group after group until closed and empty."""
        gathering = Gathering(GATHER_S)
        while self._wait():
            time.sleep(gathering.pause_s(time.perf_counter()))
            group = self._take()
            running = [job for job in group if job.future.set_running_or_notify_cancel()]
            if running:
                self._commit(running)
            gathering.ended(len(group), time.perf_counter())

    def _wait(self) -> bool:
        """Wait for work; False: closed and empty."""
        with self._changed:
            while not self._jobs and not self._is_closing:
                self._changed.wait()
            return bool(self._jobs)

    def _take(self) -> list[Job]:
        """Return as much of what waits as one transaction should hold."""
        with self._changed:
            group = [self._jobs.popleft()]
            n_rows = group[0].n_rows
            while self._jobs and _may_join(self._jobs[0], group[0], n_rows):
                group.append(self._jobs.popleft())
                n_rows += group[-1].n_rows
            self._n_waiting_rows -= n_rows
            return group

    def _commit(self, group: list[Job]) -> None:
        """Commit a group and tell each caller what became of its work."""
        with self._database.gate:
            results: list[Any] = []
            with contained() as held:
                results = self._transact(group)
            error = None if held.error is None else _ours(held.error)
            self.note(error)
            if error is not None:
                for job in group:
                    job.future.set_exception(error)
                return
            # Newest first: who waits for the oldest then finds the whole group written.
            for job, result in reversed([*zip(group, results, strict=True)]):
                _finish(job, result)

    def note(self, error: Exception | None) -> None:
        """Keep why the log could not be written, and log when that begins, changes and ends."""
        before, self.fault = self.fault, error if isinstance(error, StoreError) else None
        if self.fault is None:
            if before is not None:
                _logger.warning("the event log is written again")
        elif before is None or before.code != self.fault.code:
            _logger.error("the event log is not written: %s", self.fault.message)

    def _transact(self, group: list[Job]) -> list[Any]:
        """Run the jobs and commit; a failed connection is not used again."""
        with self._database.engine.connect().execution_options(writes=True) as connection:
            try:
                with connection.begin():
                    transaction = LogTransaction(connection, self._tombstones, self.claim)
                    results = [job.run(transaction) for job in group]
                    transaction.finish()
            except exc.SQLAlchemyError:
                connection.invalidate()
                raise
        return results


def _may_join(job: Job, first: Job, n_rows: int) -> bool:
    """Tell whether a job may share the transaction of a group that has so many rows."""
    is_alone = job.after is not None or first.after is not None
    return not is_alone and n_rows + job.n_rows <= MAX_GROUP_ROWS


def _finish(job: Job, result: Any) -> None:
    """Do what a job does after its commit, then hand over its result."""
    with contained() as held:
        if job.after is not None:
            job.after()
    if held.error is not None:
        job.future.set_exception(_ours(held.error))
    else:
        job.future.set_result(result)


def _ours(error: Exception) -> Exception:
    """Return a database's error as ours, which repeats nothing of what was stored."""
    return store_error(error) if isinstance(error, exc.SQLAlchemyError) else error
