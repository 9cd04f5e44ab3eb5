"""Follow a log: events fold into state from when they count, and users are read at any instant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import HOUR_MS
from coadapt.value._duve.arrivals import NO_ARRIVALS, Arrivals, arrivals_of
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.fitted import Fitted
from coadapt.value._duve.overlay import read_ahead
from coadapt.value._duve.state import Reading, State
from coadapt.value._pending import Pending

REFRESH_MS: Final = {"event": 1, "15min": 900_000, "hour": HOUR_MS}


class Follower:
    """Keep state, and the events that do not count yet: from clocks ahead, or since a refresh."""

    def __init__(self, config: DUVEConfig, fitted: Fitted) -> None:
        self._config, self._fitted = config, fitted
        self._boundary = REFRESH_MS[config.refresh]
        self.state = State(config, fitted.asker, fitted.typical_log)
        like = {**NO_ARRIVALS.columns(), "counts_from": np.empty(0, np.int64)}
        self._pending = Pending(like, due_at="counts_from")

    def update(self, events: Stream) -> None:
        """Fold events in, in log order."""
        if not len(events):
            return
        arrivals = arrivals_of(events, self._fitted.type_names, self._config.spend_types)
        refreshed = -(-events.received // self._boundary) * self._boundary
        columns = {**arrivals.columns(), "counts_from": np.maximum(events.times, refreshed)}
        due = self._pending.settle(columns, events.received)
        if len(due["users"]):
            counts_from = due.pop("counts_from")
            self.state.fold(Arrivals(**due), counts_from)

    def refold(self, events: Stream) -> None:
        """Fold events into their users alone, not into what these share with others."""
        with self.state.only_users(events.items, events.hosts):
            self.update(events)

    def read(self, users: IntArray, as_of: int | IntArray) -> Reading:
        """Return what users' forecasts are read from, as of the last refresh."""
        instants = np.broadcast_to(np.asarray(as_of, np.int64), users.shape)
        instants = instants // self._boundary * self._boundary
        if len(self._pending):
            return read_ahead(self.state, self._pending, users, instants)
        return self.state.read(users, instants)

    def forget(self, users: IntArray) -> None:
        """Empty the state of these users."""
        self.state.clear(users)
        self._pending.forget(users)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return state and what waits as arrays by name."""
        pending = {f"pending.{name}": array for name, array in self._pending.state().items()}
        return {**self.state.arrays(), **pending}

    def load(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what `arrays` returned."""
        self.state.load(arrays)
        names = self._pending.state()
        self._pending.load_state({name: arrays[f"pending.{name}"] for name in names})
