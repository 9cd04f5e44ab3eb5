"""Hold the events of a period as columns, with ids as contiguous rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from coadapt.data._fingerprint import fingerprint_of
from coadapt.data._numbering import number_texts
from coadapt.data.batches import Histories, ScoreArray
from coadapt.domain.errors import DataError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


class Vocabulary:
    """Number ids: the id of row r is `ids[r]`; an id that is not there has row -1."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = list(ids)
        self._row_of = {identifier: row for row, identifier in enumerate(self.ids)}
        if len(self._row_of) != len(self.ids):
            raise DataError("a vocabulary names the same id twice")

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._row_of

    def row(self, identifier: str) -> int:
        """Return the row of an id, or -1."""
        return self._row_of.get(identifier, -1)

    def rows(self, identifiers: Sequence[str]) -> IntArray:
        """Return the row of each id, -1 where unknown."""
        get = self._row_of.get
        return np.fromiter((get(i, -1) for i in identifiers), np.int64, len(identifiers))


@dataclass(frozen=True)
class Dataset:
    """Keep events as columns of equal length, sorted by user, then time (stable.

    Ties keep log order). `users`, `items`, `types` are rows of the three vocabularies; `times` are
    epoch milliseconds; `values` are NaN where an event carries none. `item_table` and `user_table`
    hold attributes, one row an id, with an `item_id` or `user_id` column; `ties` holds directed
    user rows, shape (n_ties, 2).
    """

    users: IntArray
    items: IntArray
    types: IntArray
    times: IntArray
    values: FloatArray
    user_ids: Vocabulary
    item_ids: Vocabulary
    type_names: tuple[str, ...]
    item_table: pl.DataFrame | None = None
    user_table: pl.DataFrame | None = None
    ties: IntArray | None = None
    provenance: tuple[str, ...] = field(default=())

    @classmethod
    def from_frame(
        cls,
        events: pl.DataFrame,
        *,
        item_table: pl.DataFrame | None = None,
        user_table: pl.DataFrame | None = None,
        ties: pl.DataFrame | None = None,
    ) -> Dataset:
        """Build from columns `user_id`, `item_id`, `type`, `timestamp` (ms), `value`, in log order.

        Rows without a user or an item are the caller's to drop or keep elsewhere: here they are
        refused. Vocabularies are in order of first appearance. `ties` has `user_id`,
        `target_user_id`.
        """
        if events.select(pl.col("user_id", "item_id").is_null().any()).row(0) != (False, False):
            raise DataError("every row of a dataset needs a user_id and an item_id")
        users, user_ids = number_texts(events["user_id"])
        items, item_ids = number_texts(events["item_id"])
        types, type_names = number_texts(events["type"])
        times = events["timestamp"].cast(pl.Int64).to_numpy()
        values = events["value"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        order = np.lexsort((times, users))
        vocabulary = Vocabulary(user_ids)
        return cls(
            users=users[order],
            items=items[order],
            types=types[order],
            times=times[order],
            values=values[order],
            user_ids=vocabulary,
            item_ids=Vocabulary(item_ids),
            type_names=tuple(type_names),
            item_table=item_table,
            user_table=user_table,
            ties=None if ties is None else _encode_ties(ties, vocabulary),
        )

    @property
    def n_events(self) -> int:
        """Count the events."""
        return len(self.users)

    @property
    def n_users(self) -> int:
        """Count the users, also those without an event in this part."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """Count the items, also those without an event in this part."""
        return len(self.item_ids)

    @cached_property
    def offsets(self) -> IntArray:
        """Return where each user's events start, shape (n_users + 1,)."""
        counts = np.bincount(self.users, minlength=self.n_users)
        return np.concatenate(([0], np.cumsum(counts)))

    @cached_property
    def item_counts(self) -> IntArray:
        """Count the events of each item, shape (n_items,)."""
        return np.bincount(self.items, minlength=self.n_items)

    @property
    def log_popularity(self) -> ScoreArray:
        """Return the logarithm of one plus each item's count, shape (n_items,)."""
        return np.log1p(self.item_counts).astype(np.float32)

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the columns and item ids, in hex.

        The same data gives the same text.
        """
        columns = (self.users, self.items, self.types, self.times, self.values)
        return fingerprint_of(columns, self.item_ids.ids)

    def histories(self, users: IntArray | None = None) -> Histories:
        """Return the pasts of the given users (by default all, in row order)."""
        everyone = Histories(self.items, self.types, self.times, self.values, self.offsets)
        return everyone if users is None else everyone.take(users)

    def matrix(self) -> sparse.csr_matrix:
        """Return which user met which item as a binary float32 matrix, shape (n_users, n_items)."""
        shape = (self.n_users, self.n_items)
        ones = np.ones(self.n_events, np.float32)
        matrix = sparse.csr_matrix((ones, self.items.astype(np.int32), self.offsets), shape=shape)
        matrix.sum_duplicates()
        matrix.data[:] = 1.0
        return matrix

    def where(self, keep: BoolArray) -> Dataset:
        """Return the events of a mask of shape (n_events,); vocabularies stay as they are."""
        return replace(
            self,
            users=self.users[keep],
            items=self.items[keep],
            types=self.types[keep],
            times=self.times[keep],
            values=self.values[keep],
        )


def _encode_ties(ties: pl.DataFrame, user_ids: Vocabulary) -> IntArray:
    """Return ties as user rows; ties with somebody who has no event are left out."""
    pairs = np.stack(
        [
            user_ids.rows(ties[name].cast(pl.String).to_list())
            for name in ("user_id", "target_user_id")
        ],
        axis=1,
    )
    return pairs[(pairs >= 0).all(axis=1)]
