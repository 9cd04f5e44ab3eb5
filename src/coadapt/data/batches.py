"""Hold many users' pasts, scores and rankings as arrays: the language of every computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
ScoreArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Histories:
    """Hold ragged pasts, oldest event first.

    User q's events are `rows[offsets[q]:offsets[q + 1]]`. `rows` are item rows (-1: an item the
    vocabulary does not know), `types` type rows, `times` epoch milliseconds, `values` NaN where
    absent; `offsets` has shape (n + 1,).
    """

    rows: IntArray
    types: IntArray
    times: IntArray
    values: FloatArray
    offsets: IntArray

    @classmethod
    def from_rows(cls, pasts: list[IntArray]) -> Histories:
        """Build from item rows alone, one array a user; times count up, types are all the first."""
        lengths = np.fromiter((len(past) for past in pasts), np.int64, len(pasts))
        rows = np.concatenate(pasts).astype(np.int64) if pasts else np.empty(0, np.int64)
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        zeros = np.zeros(len(rows), np.int64)
        times = np.arange(len(rows), dtype=np.int64)
        return cls(rows, zeros, times, np.full(len(rows), np.nan), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> IntArray:
        """Count each user's events, shape (n,)."""
        return np.diff(self.offsets)

    def take(self, users: IntArray) -> Histories:
        """Return the pasts of these users, in this order."""
        lengths = self.lengths[users]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        shift = np.repeat(self.offsets[users] - offsets[:-1], lengths)
        return self._pick(np.arange(offsets[-1]) + shift, offsets)

    def last(self, n_events: int) -> Histories:
        """Return at most the newest `n_events` of each user."""
        lengths = np.minimum(self.lengths, n_events)
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        shift = np.repeat(self.offsets[1:] - lengths - offsets[:-1], lengths)
        return self._pick(np.arange(offsets[-1]) + shift, offsets)

    def known(self) -> Histories:
        """Return the events whose item the vocabulary knows."""
        keep = self.rows >= 0
        if keep.all():
            return self
        kept_before = np.concatenate(([0], np.cumsum(keep)))
        return self._pick(np.flatnonzero(keep), kept_before[self.offsets])

    def matrix(self, n_items: int) -> sparse.csr_matrix:
        """Return which user met which known item as a binary float32 matrix, shape (n, n_items)."""
        known = self.known()
        ones = np.ones(len(known.rows), np.float32)
        indices = known.rows.astype(np.int32)
        matrix = sparse.csr_matrix((ones, indices, known.offsets), shape=(len(self), n_items))
        matrix.sum_duplicates()
        matrix.data[:] = 1.0
        return matrix

    def _pick(self, index: IntArray, offsets: IntArray) -> Histories:
        """Return the events at these positions under new offsets."""
        return Histories(
            self.rows[index], self.types[index], self.times[index], self.values[index], offsets
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold one float32 a query and candidate.

    `candidates` are item rows, None: the whole catalogue in row order. `values` has shape
    (n_queries, n_candidates); higher is better; NaN or -inf: not to be shown.
    """

    values: ScoreArray
    candidates: IntArray | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hold the chosen items, best first.

    All arrays have shape (n_queries, k); a row of -1 is an empty place. `propensities` is the
    probability of the item at its place given those above; 1 for a deterministic choice.
    """

    rows: IntArray
    scores: ScoreArray
    propensities: FloatArray

    def at(self, index: IntArray | tuple[slice, slice]) -> Ranking:
        """Return the same of some queries, or of some places."""
        return Ranking(self.rows[index], self.scores[index], self.propensities[index])


@dataclass(frozen=True, slots=True)
class Situation:
    """Hold what a policy may know besides scores, for n queries at once.

    `candidate_rows` has shape (n, n_candidates): the item row of each column of the scores, -1 for
    padding.
    """

    histories: Histories
    candidate_rows: IntArray
    count: int
    value_embedding: ScoreArray | None = None
    expected_value: FloatArray | None = None
    context: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
