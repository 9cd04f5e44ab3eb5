"""Read users as they are once events that wait for their own time are due, folding none in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coadapt.data.batches import IntArray
from coadapt.value._duve.arrivals import Arrivals
from coadapt.value._duve.state import Reading, State
from coadapt.value._pending import Pending


def read_ahead(state: State, pending: Pending, users: IntArray, instants: IntArray) -> Reading:
    """Return what `state.read` would, had every event been folded that counts by its instant."""
    due, counts_from = _due(pending, int(instants.max(initial=0)))
    n_due = np.searchsorted(counts_from, instants, side="right")
    if not n_due.any():
        return state.read(users, instants)
    rows = [np.unique(part[part >= 0]) for part in (due.users, due.items, due.hosts)]
    rows[0] = np.unique(np.concatenate((rows[0], users[users >= 0])))
    ahead = state.excerpt(*rows)
    due = replace(
        due,
        users=_renumbered(due.users, rows[0]),
        items=_renumbered(due.items, rows[1]),
        hosts=_renumbered(due.hosts, rows[2]),
    )
    return _read_step_by_step(
        ahead, (due, counts_from, n_due), _renumbered(users, rows[0]), instants
    )


def _due(pending: Pending, latest: int) -> tuple[Arrivals, IntArray]:
    """Return the events that count by an instant in the order in which they do, and from when."""
    owners = np.unique(pending.state()["users"])
    columns = pending.due(owners, latest)
    columns["users"] = owners[columns["users"]]
    order = np.argsort(columns["counts_from"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    counts_from: IntArray = columns.pop("counts_from")
    return Arrivals(**columns), counts_from


def _read_step_by_step(
    ahead: State, due: tuple[Arrivals, IntArray, IntArray], users: IntArray, instants: IntArray
) -> Reading:
    """Fold event after event and read each user when those due at its instant are in."""
    arrivals, counts_from, n_due = due
    reading = ahead.read(users, instants)
    folded = 0
    for count in np.unique(n_due[n_due > 0]).tolist():
        ahead.fold(arrivals.take(slice(folded, count)), counts_from[folded:count])
        folded = count
        places = np.flatnonzero(n_due == count)
        reading.put(places, ahead.read(users[places], instants[places]))
    return reading


def _renumbered(rows: IntArray, kept: IntArray) -> IntArray:
    """Return rows by their place among those kept (ascending); -1 stays."""
    return np.where(rows >= 0, np.searchsorted(kept, rows), -1)
