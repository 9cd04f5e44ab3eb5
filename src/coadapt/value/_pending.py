"""Hold events from clocks that are ahead until their own time comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import IntArray

Columns = dict[str, npt.NDArray[Any]]
"""Columns of events of equal length; `users` are rows, `times` the events' own in epoch ms."""


class Pending:
    """Keep events until they count, which is from the later of their own time and their arrival.

    `like` gives each column's name, type and trailing shape by an array; `users` and the column of
    epoch ms that says from when an event counts at the earliest, `due_at`, must be among them.
    """

    def __init__(self, like: Mapping[str, npt.NDArray[Any]], due_at: str = "times") -> None:
        self._columns: Columns = {name: array[:0] for name, array in like.items()}
        self._due_at = due_at

    def __len__(self) -> int:
        return len(self._columns["users"])

    def settle(self, arrived: Mapping[str, npt.NDArray[Any]], received: IntArray) -> Columns:
        """Take in events in log order; return all that count by the last arrival, in that order.

        The result does not depend on how a log is cut into parts.
        """
        if len(received) == 1 and not len(self) and arrived[self._due_at][0] <= received[0]:
            return dict(arrived)
        waited = self._columns[self._due_at].astype(np.int64)
        columns = {name: np.concatenate((self._columns[name], arrived[name])) for name in arrived}
        counts_from = np.maximum(columns[self._due_at], np.concatenate((waited, received)))
        order = np.argsort(counts_from, kind="stable")
        n_due = int(np.searchsorted(counts_from[order], received.max(), side="right"))
        self._columns = {name: column[order[n_due:]] for name, column in columns.items()}
        return {name: column[order[:n_due]] for name, column in columns.items()}

    def due(self, users: IntArray, as_of: int | IntArray) -> Columns:
        """Return what counts by an instant, one for all or one a user, and leave it where it is.

        In the result, `users` are positions in the argument.
        """
        owners = self._columns["users"].astype(np.int64)
        order = np.argsort(owners, kind="stable")
        starts = np.searchsorted(owners[order], users, side="left")
        lengths = np.searchsorted(owners[order], users, side="right") - starts
        positions = np.repeat(np.arange(len(users)), lengths)
        shift = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
        index = order[np.arange(len(positions)) + shift]
        limits = np.broadcast_to(np.asarray(as_of, np.int64), users.shape)[positions]
        is_due = self._columns[self._due_at][index] <= limits
        found: Columns = {name: column[index[is_due]] for name, column in self._columns.items()}
        return {**found, "users": positions[is_due]}

    def forget(self, users: IntArray) -> None:
        """Drop what these users' events are."""
        is_kept = ~np.isin(self._columns["users"], users)
        self._columns = {name: column[is_kept] for name, column in self._columns.items()}

    def state(self) -> Columns:
        """Return the columns."""
        return dict(self._columns)

    def load_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what `state()` returned."""
        self._columns = {
            name: np.asarray(state[name]).astype(column.dtype)
            for name, column in self._columns.items()
        }
