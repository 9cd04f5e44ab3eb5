"""Keep snapshots of value states, so that a start need not fold the whole log."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Lock

from coadapt.domain.containment import contained
from coadapt.domain.errors import ValuingError
from coadapt.domain.progress import Progress
from coadapt.serving.value_restore import bring_level, snapshot_of
from coadapt.serving.value_state import ValueState
from coadapt.stores.base import EventStore
from coadapt.stores.snapshots import SnapshotFolder

_logger = logging.getLogger(__name__)


class SnapshotKeeper:
    """Keep a snapshot of each project every so many events, if there is a folder for them.

    Those that are there but not of this log as it is now, since it is another or somebody was
    erased before a crash, are removed. Raises StoreError.
    """

    def __init__(self, folder: Path | None, every: int, store: EventStore) -> None:
        self._folder = None if folder is None else SnapshotFolder(folder)
        self._every = every
        self._kept: dict[str, int] = {}
        self._keeping = Lock()
        self._n_erasures = 0
        if self._folder is not None:
            self._folder.keep_only(lambda position, log: log == store.fingerprint(position))

    def bring_level(self, project: str, state: ValueState, progress: Progress) -> None:
        """Bring an empty state level with the log, from a snapshot if one fits.

        Raises ValuingError.
        """
        snapshot = None if self._folder is None else self._folder.read(project)
        with contained() as held:
            bring_level(state, snapshot, progress)
        if held.error is not None:
            raise ValuingError("the value model cannot fold this log") from held.error
        self._kept[project] = 0

    def attend(self, project: str, state: ValueState, *, is_last: bool = False) -> None:
        """Settle a state, and keep a snapshot when it is due."""
        if state.has_failed:
            return
        with contained() as held:
            state.settle()
            n_new = state.n_folded - self._kept.get(project, 0)
            if n_new >= self._every or (is_last and n_new):
                self._keep(project, state)
        if held.error is not None and not isinstance(held.error, ValuingError):
            _logger.error("a snapshot of value could not be kept", exc_info=held.error)

    def drop(self, project: str) -> None:
        """Drop a project's snapshot, since somebody in it was erased. Raises StoreError."""
        if self._folder is not None:
            with self._keeping:
                self._n_erasures += 1
                self._folder.drop(project)

    def _keep(self, project: str, state: ValueState) -> None:
        """Write a snapshot, unless someone was erased while it was made. Raises StoreError."""
        if self._folder is None:
            return
        n_erasures = self._n_erasures
        with state.lock:
            state.settle()
            snapshot = snapshot_of(state)
            self._kept[project] = state.n_folded
        with self._keeping:
            if n_erasures == self._n_erasures:
                self._folder.write(project, snapshot)
