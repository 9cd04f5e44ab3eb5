"""Hold the value model that serves each project, level with the log while events come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Final

from coadapt.domain.progress import Progress
from coadapt.serving.tally import Tally
from coadapt.serving.value_keeping import SnapshotKeeper
from coadapt.serving.value_state import Surroundings, ValueState
from coadapt.stores.base import EventStore, FeatureStore, Folded, PersonIds
from coadapt.training.value_load import LoadedValue

TICK_S: Final = 0.05
FAILED: Final = "valuing_failed"


@dataclass(frozen=True, slots=True)
class ValueOptions:
    """Bound the people in memory, and say where and how often snapshots are kept (None: never)."""

    max_users: int = 200_000
    folder: Path | None = None
    snapshot_every: int = 200_000


class Valuing:
    """Follow a feature store and fold what it folds into the live value models.

    A thread settles what waits a few times a second, so that who asks has little to wait for, and
    keeps snapshots. A model that fails is told by `faults` and answers with ValuingError; the rest
    of the service goes on.
    """

    def __init__(
        self, store: EventStore, features: FeatureStore, tally: Tally, options: ValueOptions
    ) -> None:
        self._store = store
        self._features = features
        self._tally = tally
        self._options = options
        self._states: dict[str, ValueState] = {}
        self._coming: dict[str, ValueState] = {}
        self._keeper = SnapshotKeeper(options.folder, options.snapshot_every, store)
        self._is_closing = Signal()
        features.follow(self)
        self._thread = Thread(target=self._run, name="value", daemon=True)
        self._thread.start()

    def get(self, project: str) -> ValueState | None:
        """Return the state of a project's live model. Raises ValuingError for one that failed."""
        state = self._states.get(project)
        if state is not None:
            state.check()
        return state

    def start(self, project: str, loaded: LoadedValue | None, progress: Progress) -> None:
        """Let a model serve once its state is level with the log; None: none serves any more.

        The old model serves until then; one of the same run goes on. Raises ValuingError for a
        model that cannot fold the log.
        """
        with self.after(project, loaded, progress):
            pass

    @contextmanager
    def after(self, project: str, loaded: LoadedValue | None, progress: Progress) -> Iterator[None]:
        """Bring a model level with the log before a block and let it serve after, as `start` does.

        If the block fails the old model goes on. One project's models are changed one at a time.
        """
        if loaded is None:
            yield
            self._states.pop(project, None)
        elif self._is_serving(project, loaded):
            yield
        else:
            state = self._coming[project] = ValueState(loaded, self.surroundings(project))
            try:
                self._keeper.bring_level(project, state, progress)
                yield
                self._states[project] = state
            finally:
                self._coming.pop(project, None)

    def surroundings(self, project: str) -> Surroundings:
        """Return what the state of a project is derived from."""
        max_users = self._options.max_users
        return Surroundings(project, self._store, self._features, self._tally, max_users)

    def fold(self, folded: Folded) -> None:
        """Note what was appended to the log."""
        for state in self._listening(folded.project):
            state.fold(folded)

    def forget(
        self, project: str, people: Sequence[int], ids: PersonIds, changed: Sequence[int]
    ) -> None:
        """Note who was erased, and drop the snapshot that they are in. Raises StoreError."""
        for state in self._listening(project):
            state.forget(project, people, ids, changed)
        self._keeper.drop(project)

    def faults(self) -> dict[str, str]:
        """Return the reason of each project whose model failed."""
        return {project: FAILED for project, state in self.states().items() if state.has_failed}

    def states(self) -> dict[str, ValueState]:
        """Return the state of each project that has a model."""
        return dict(self._states)

    def close(self) -> None:
        """Fold what waits and keep a snapshot of each project."""
        self._is_closing.set()
        self._thread.join()
        for project, state in self.states().items():
            self._keeper.attend(project, state, is_last=True)

    def _is_serving(self, project: str, loaded: LoadedValue) -> bool:
        """Tell whether the model of the same run serves and is sound."""
        live = self._states.get(project)
        is_sound = live is not None and not live.has_failed
        return live is not None and is_sound and live.run_id == loaded.manifest.run_id

    def _listening(self, project: str) -> list[ValueState]:
        """Return the states of a project, each once: the one that serves and the one to come."""
        found = (self._states.get(project), self._coming.get(project))
        return list({id(state): state for state in found if state is not None}.values())

    def _run(self) -> None:
        """Settle what waits, until closed."""
        while not self._is_closing.wait(TICK_S):
            for project, state in self.states().items():
                self._keeper.attend(project, state)
