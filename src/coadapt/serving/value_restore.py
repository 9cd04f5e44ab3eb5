"""Bring a value state level with the log: from a snapshot where one fits, and the log after it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from coadapt.data.batches import IntArray
from coadapt.domain.cycles import cycle_search_paused
from coadapt.domain.progress import Progress
from coadapt.serving.value_state import ValueState, is_behaviour
from coadapt.stores.snapshots import Snapshot

_logger = logging.getLogger(__name__)

_STATE = "state."
_ROSTER = "roster."


def snapshot_of(state: ValueState) -> Snapshot:
    """Return what a state is, without the id of anyone whose it is; call under its lock.

    Whose a row is stands in it as the log position of that person's newest event.
    """
    arrays = {f"{_STATE}{name}": array for name, array in state.model.state().items()}
    roster = {f"{_ROSTER}{name}": array for name, array in state.roster.columns().items()}
    return Snapshot(
        state.run_id,
        state.position,
        {**arrays, **roster},
        state.streams.names(),
        state.around.store.fingerprint(state.position),
    )


def bring_level(state: ValueState, snapshot: Snapshot | None, progress: Progress) -> bool:
    """Fold what the log holds into a state that is empty; tell whether the snapshot was of use.

    A snapshot of another run or beyond the log is ignored. The state must be told already of what
    is appended meanwhile.
    """
    with state.lock:
        features, project = state.around.features, state.around.project
        until = features.position
        ownership = Ownership(*features.owners(project))
        is_used = snapshot is not None and _is_usable(snapshot, state, until)
        if snapshot is not None and is_used:
            _take_over(state, snapshot, ownership)
        _replay(state, ownership, until, progress)
    return is_used


@dataclass(frozen=True, slots=True)
class Ownership:
    """Say whose each event of the log is: `positions` in order, and people's numbers."""

    positions: IntArray
    people: IntArray

    def of(self, positions: IntArray) -> IntArray:
        """Return whose the events at these positions are, -1 for those that are nobody's."""
        if not len(self.positions):
            return np.full(len(positions), -1)
        places = np.minimum(np.searchsorted(self.positions, positions), len(self.positions) - 1)
        return np.where(self.positions[places] == positions, self.people[places], -1)

    def counts(self, until: int) -> IntArray:
        """Return how many events up to a position each person has, by number."""
        n_until = np.searchsorted(self.positions, until, side="right")
        return np.bincount(self.people[:n_until], minlength=self.n_people)

    def newest(self, n_people: int) -> IntArray:
        """Return the people with the newest events, at most so many."""
        last = np.zeros(self.n_people, np.int64)
        np.maximum.at(last, self.people, self.positions)
        active = np.flatnonzero(last)
        return active[np.argsort(-last[active], kind="stable")[:n_people]]

    @property
    def n_people(self) -> int:
        """Return the highest number and one."""
        return int(self.people.max(initial=-1)) + 1


def _is_usable(snapshot: Snapshot, state: ValueState, until: int) -> bool:
    """Tell whether a snapshot is of this run and of a log that this one goes on from."""
    return snapshot.run_id == state.run_id and snapshot.position <= until


def _take_over(state: ValueState, snapshot: Snapshot, ownership: Ownership) -> None:
    """Become what a snapshot was, but for people whose events are not all in their row.

    Who was erased since has no event in the log, so that nobody owns their row; whose pasts were
    joined since is folded again.
    """
    arrays = {name: np.asarray(array) for name, array in snapshot.arrays.items()}
    state.model.load_state(
        {n.removeprefix(_STATE): a for n, a in arrays.items() if n.startswith(_STATE)}
    )
    state.streams.restore(snapshot.names)
    columns = {n.removeprefix(_ROSTER): a for n, a in arrays.items() if n.startswith(_ROSTER)}
    people = ownership.of(columns["newest"])
    counts = np.append(ownership.counts(snapshot.position), 0)
    is_whole = (people >= 0) & (counts[people] == columns["counts"])
    doubtful = np.unique(people[(people >= 0) & ~is_whole])
    state.roster.restore(columns, np.where(is_whole, people, -1))
    state.model.forget(np.flatnonzero(~is_whole))
    state.position = snapshot.position
    state.has_evicted = len(state.roster) + len(doubtful) < int(np.count_nonzero(counts))
    state.fold_again(doubtful, snapshot.position)


def _replay(state: ValueState, ownership: Ownership, until: int, progress: Progress) -> None:
    """Fold the log after the state's position, of as many people as there is room for."""
    start = state.position
    around = state.around
    kept = np.zeros(ownership.n_people + 1, np.bool_)
    kept[_seated(state, ownership)] = True
    with cycle_search_paused():
        for batch in around.store.scan(after=start, until=until, project=around.project):
            people = ownership.of(batch.column("position").to_numpy())
            is_kept = kept[people] & is_behaviour(batch)
            state.take_in(batch.filter(pa.array(is_kept)), people[is_kept])
            state.position = batch.column("position")[-1].as_py()
            progress(state.position - start, until - start, "folding events into value")
    state.position = max(state.position, until)


def _seated(state: ValueState, ownership: Ownership) -> IntArray:
    """Return whose events are folded now: all people's, or the newest's, if there are too many."""
    everyone = ownership.newest(ownership.n_people)
    seated = everyone[: state.around.max_users]
    state.has_evicted = state.has_evicted or len(seated) < len(everyone)
    after = np.unique(ownership.people[ownership.positions > state.position])
    before = after[state.roster.rows(after) < 0]
    returning = before[ownership.counts(state.position)[before] > 0] if len(before) else before
    state.make_room(len(before), but=after)
    state.fold_again(returning[np.isin(returning, seated)], state.position)
    return seated
