"""Give people rows of a value model, a bounded number at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from coadapt.data.batches import IntArray

BYTES_A_ROW: Final = 32
"""What a row takes here: its person, that person's row, newest position and count."""

_NOBODY = -1


class Roster:
    """Map people's numbers to a model's rows.

    Of each row it knows the log position of the person's newest event and how many were folded in.
    """

    def __init__(self) -> None:
        self._row_of: IntArray = np.empty(0, np.int64)
        self._people: IntArray = np.empty(0, np.int64)
        self._newest: IntArray = np.empty(0, np.int64)
        self._counts: IntArray = np.empty(0, np.int64)
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._people) - len(self._free)

    @property
    def n_rows(self) -> int:
        """Count the rows, the free ones included; the row of this number is nobody's."""
        return len(self._people)

    def rows(self, people: IntArray) -> IntArray:
        """Return each person's row, -1 for who has none."""
        rows = np.full(len(people), _NOBODY)
        inside = (people >= 0) & (people < len(self._row_of))
        rows[inside] = self._row_of[people[inside]]
        return rows

    def add(self, people: IntArray) -> IntArray:
        """Return each person's row, a free or new one for who has none."""
        missing = np.unique(people[self.rows(people) < 0])
        if len(missing):
            self._put(missing, self.lend(len(missing)))
        return self.rows(people)

    def note(self, rows: IntArray, positions: IntArray) -> None:
        """Note events of these rows that were folded in, in log order."""
        np.maximum.at(self._newest, rows, positions)
        np.add.at(self._counts, rows, 1)

    def lend(self, n_rows: int) -> IntArray:
        """Return rows for a while that are nobody's."""
        kept = max(0, len(self._free) - n_rows)
        lent, self._free = self._free[kept:], self._free[:kept]
        n_new = n_rows - len(lent)
        if n_new:
            lent += range(self.n_rows, self.n_rows + n_new)
            for name, fill in (("_people", _NOBODY), ("_newest", 0), ("_counts", 0)):
                column = np.concatenate((getattr(self, name), np.full(n_new, fill)))
                setattr(self, name, column)
        return np.array(lent, np.int64)

    def give_back(self, rows: IntArray) -> None:
        """Make rows free; call when the model has forgotten them."""
        people = self._people[rows]
        self._row_of[people[people >= 0]] = _NOBODY
        self._people[rows] = _NOBODY
        self._newest[rows] = 0
        self._counts[rows] = 0
        self._free.extend(rows.tolist())

    def longest_silent(self, n_people: int, but: Iterable[int]) -> IntArray:
        """Return the rows of the people whose newest event is oldest, `but` certain ones."""
        candidates = np.flatnonzero(self._people >= 0)
        candidates = candidates[~np.isin(self._people[candidates], np.fromiter(but, np.int64))]
        order = np.argsort(self._newest[candidates], kind="stable")
        silent: IntArray = candidates[order[:n_people]]
        return silent

    def columns(self) -> dict[str, IntArray]:
        """Return newest position and count of each row, 0 for free ones: no one's number or id."""
        return {"newest": self._newest.copy(), "counts": self._counts.copy()}

    def restore(self, columns: dict[str, IntArray], people: IntArray) -> None:
        """Take over what `columns` returned; `people` has each row's person, -1: it is free."""
        self._newest, self._counts = columns["newest"].copy(), columns["counts"].copy()
        self._people = np.full(len(people), _NOBODY)
        self._free = np.flatnonzero(people < 0).tolist()
        taken = np.flatnonzero(people >= 0)
        self._newest[people < 0] = 0
        self._counts[people < 0] = 0
        self._put(people[taken], taken)

    def counts(self) -> IntArray:
        """Return how many events were folded into each row."""
        return self._counts

    def _put(self, people: IntArray, rows: IntArray) -> None:
        """Seat people."""
        n_more = int(people.max(initial=-1)) + 1 - len(self._row_of)
        if n_more > 0:
            n_more = max(n_more, len(self._row_of) // 2)
            self._row_of = np.concatenate((self._row_of, np.full(n_more, _NOBODY)))
        self._row_of[people] = rows
        self._people[rows] = people


def distinct(*groups: Sequence[int] | IntArray) -> IntArray:
    """Return every number of several groups once, in order."""
    return np.unique(np.concatenate([np.asarray(group, np.int64) for group in groups]))
