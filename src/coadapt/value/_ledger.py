"""Keep every user's summary up to date, event by event or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import IntArray
from coadapt.data.stream import Stream
from coadapt.value._pending import Columns, Pending
from coadapt.value._summary import MoneyEvents, Summary, fold
from coadapt.value.spending import is_purchase, net_amounts

NO_EVENTS = MoneyEvents(
    users=np.empty(0, np.int64),
    times=np.empty(0, np.int64),
    amounts=np.empty(0),
    is_purchase=np.empty(0, np.bool_),
)


class Ledger:
    """Fold events into one summary a user; rows grow as users appear.

    `spend_types` is ValueConfig's. Events of a clock that is ahead wait until their own time.
    """

    def __init__(self, spend_types: Mapping[str, float]) -> None:
        self._spend_types = spend_types
        self._summary = Summary.empty(0)
        self._pending = Pending(NO_EVENTS._asdict())

    def update(self, events: Stream) -> None:
        """Fold events in, in log order."""
        if len(events) == 0:
            return
        columns = self._pending.settle(self._columns(events)._asdict(), events.received)
        due = MoneyEvents(**columns)
        n_users = int(due.users.max(initial=-1)) + 1
        if n_users > len(self._summary):
            self._summary = self._summary.grown(n_users)
        touched, positions = np.unique(due.users, return_inverse=True)
        after = fold(self._summary.take(touched), due._replace(users=positions))
        self._summary.put(touched, after)

    def at(self, users: IntArray, as_of: int | IntArray) -> Summary:
        """Return the summaries of these users at an instant (epoch ms), empty for unknown ones."""
        is_known = (users >= 0) & (users < len(self._summary))
        found = Summary.empty(len(users))
        found.put(np.flatnonzero(is_known), self._summary.take(users[is_known]))
        if len(self._pending) == 0:
            return found
        return fold(found, MoneyEvents(**self._pending.due(users, as_of)))

    def forget(self, users: IntArray) -> None:
        """Empty the summaries of these users."""
        known = users[users < len(self._summary)]
        self._summary.put(known, Summary.empty(len(known)))
        self._pending.forget(users)

    def state(self) -> Columns:
        """Return summaries and waiting events as arrays by name."""
        summary = {
            f"ledger.{column.name}": getattr(self._summary, column.name).copy()
            for column in fields(Summary)
        }
        pending = {f"pending.{name}": array for name, array in self._pending.state().items()}
        return {**summary, **pending}

    def load_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what `state()` returned."""
        arrays = [np.array(state[f"ledger.{column.name}"]) for column in fields(Summary)]
        self._summary = Summary(*arrays)
        names = self._pending.state()
        self._pending.load_state({name: state[f"pending.{name}"] for name in names})

    def _columns(self, events: Stream) -> MoneyEvents:
        """Return what the summary reads of events."""
        return MoneyEvents(
            users=events.users,
            times=events.times,
            amounts=net_amounts(events, self._spend_types),
            is_purchase=is_purchase(events, self._spend_types),
        )
