"""Append to the log and fold what was appended into state, in log order, before anyone is told."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from coadapt.domain.containment import contained
from coadapt.domain.errors import NotFoldedError
from coadapt.domain.events import Event
from coadapt.stores.base import Appended, Erasure, EventStore, FeatureStore, PersonIds
from coadapt.stores.event_rows import record_batch

_logger = logging.getLogger(__name__)

Watcher = Callable[[Sequence[Event]], None]
Forgetter = Callable[[str, PersonIds, Sequence[str]], None]


def _running() -> Future[Any]:
    """Return a future that who waits for it cannot cancel: a client that leaves cancels its own."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass(frozen=True, slots=True)
class _Append:
    """Hold events on their way into the log."""

    events: Sequence[Event]
    written: Future[Appended]
    told: Future[Appended] = field(default_factory=_running)


@dataclass(frozen=True, slots=True)
class _Erase:
    """Hold a person on the way out of it."""

    project: str
    written: Future[Erasure]
    told: Future[Erasure] = field(default_factory=_running)


class Journal:
    """Write to the event store and keep the feature store level with it.

    A future is done when its events are durable *and* folded, so that whoever was told sees them in
    the next answer. One thread folds, in the order of the log: that of the calls. `watchers` see
    the new events after they were folded, in the same order and thread; `forgetters` are told there
    of each erasure (project, ids, ids of the answers that went). `is_level` turns False when state
    could not follow the log; a restart rebuilds it.
    """

    def __init__(
        self,
        store: EventStore,
        features: FeatureStore,
        watchers: Sequence[Watcher] = (),
        forgetters: Sequence[Forgetter] = (),
    ) -> None:
        self.is_level = True
        self._store = store
        self._features = features
        self._watchers = list(watchers)
        self._forgetters = tuple(forgetters)
        self._order = Lock()
        self._pending: SimpleQueue[_Append | _Erase | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="fold", daemon=True)
        self._thread.start()

    def append(self, events: Sequence[Event]) -> Future[Appended]:
        """Write events.

        Raises OverloadedError at once; in the future StoreError, StoreFullError, or NotFoldedError
        once they are durable.
        """
        with self._order:
            pending = _Append(events, self._store.append(events))
            self._pending.put(pending)
        return pending.told

    def erase(self, project: str, ids: PersonIds) -> Future[Erasure]:
        """Remove a person from the log, then from state. Raises as `append`."""
        with self._order:
            pending = _Erase(project, self._store.erase(project, ids))
            self._pending.put(pending)
        return pending.told

    def add_watcher(self, watch: Watcher) -> None:
        """Show new events to one more watcher."""
        self._watchers.append(watch)

    def close(self) -> None:
        """Finish what was accepted."""
        self._pending.put(None)
        self._thread.join()

    def _run(self) -> None:
        """Settle what is written, in order, until told to stop."""
        pending: deque[_Append | _Erase | None] = deque()
        while (first := pending.popleft() if pending else self._pending.get()) is not None:
            first.written.exception()  # waits
            while not self._pending.empty():
                pending.append(self._pending.get())
            group = [first]
            while pending and (following := pending[0]) is not None and following.written.done():
                group.append(following)
                pending.popleft()
            self._settle(group)

    def _settle(self, group: Sequence[_Append | _Erase]) -> None:
        """Fold together what is durable, and tell who waits."""
        ready: list[_Append] = []
        for work in group:
            failure = work.written.exception()
            if failure is not None:
                work.told.set_exception(failure)
            elif isinstance(work, _Append):
                ready.append(work)
            else:
                self._fold(ready)
                ready = []
                self._forget(work)
        self._fold(ready)

    def _fold(self, appends: Sequence[_Append]) -> None:
        """Fold the new events of several appends at once, then tell who waits."""
        if appends:
            new = [
                (event, position)
                for append in appends
                for event, position, outcome in _outcomes(append)
                if outcome == "new"
            ]
            fault = self._guarded(self._fold_new, new) if new else None
            for append in appends:
                _tell(append.told, append.written.result(), fault)

    def _fold_new(self, new: Sequence[tuple[Event, int]]) -> None:
        """Fold new events and show them to the watchers."""
        events = [event for event, _ in new]
        self._features.update(record_batch(events, [position for _, position in new]))
        for watch in self._watchers:
            watch(events)

    def _forget(self, work: _Erase) -> None:
        """Take an erased person out of state."""
        removed = work.written.result()
        fault = self._guarded(self._forget_ids, work, removed)
        _tell(work.told, removed, fault)

    def _forget_ids(self, work: _Erase, removed: Erasure) -> None:
        """Take a person out of state and tell the forgetters."""
        self._features.erase(work.project, removed.ids, removed.positions, removed.shared)
        if removed.restated is not None:
            self._features.restate(removed.restated)
        for forget in self._forgetters:
            forget(work.project, removed.ids, removed.recommendation_ids)

    def _guarded(self, step: Callable[..., None], *arguments: Any) -> NotFoldedError | None:
        """Run a step; its failure must not end the thread on which every writer waits."""
        with contained() as held:
            step(*arguments)
        if held.error is None:
            return None
        _logger.error("state could not follow the log", exc_info=held.error)
        self.is_level = False
        return NotFoldedError("stored, but state could not follow: restart to rebuild it")


def _outcomes(append: _Append) -> list[tuple[Event, int, str]]:
    """Return each event of an append as it was stored, with its position and outcome."""
    appended = append.written.result()
    events = list(append.events)
    for index, changed in appended.changes.items():
        events[index] = replace(events[index], **changed)
    return list(zip(events, appended.positions, appended.outcomes, strict=True))


def _tell(told: Future[Any], result: Any, fault: NotFoldedError | None) -> None:
    """Finish a future."""
    if fault is None:
        told.set_result(result)
    else:
        told.set_exception(fault)
