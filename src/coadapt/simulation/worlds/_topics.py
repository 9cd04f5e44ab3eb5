"""Group items that the same people meet, to stand in for categories that data do not tell."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.linalg import svds

from coadapt.data.batches import FloatArray, IntArray

N_DIRECTIONS: Final = 8


def topics(events: pl.DataFrame, item_ids: pl.Series) -> FloatArray:
    """Return the topic of each item as one-hot rows, shape (n_items, n_topics).

    An item is of the singular direction, and its sign, that it points to most, in the matrix of who
    met what, each item at unit length; the first direction is popularity and left out.
    """
    users, items = _codes(events["user_id"]), _codes(events["item_id"], item_ids)
    shape = (int(users.max()) + 1, len(item_ids))
    n_directions = min(N_DIRECTIONS + 1, min(shape) - 1)
    if n_directions < 2:
        return np.zeros((len(item_ids), 1))
    met = sparse.csr_matrix((np.ones(len(users)), (users, items)), shape=shape)
    met.data[:] = 1.0
    lengths = np.sqrt(np.maximum(np.asarray(met.sum(axis=0)).ravel(), 1.0))
    start = np.full(min(shape), 1.0)
    _, strengths, found = svds(met / lengths, k=n_directions, v0=start)
    directions = found[np.argsort(-strengths)[1:]].T
    signed = np.concatenate((directions, -directions), axis=1)
    one_hot: FloatArray = np.eye(signed.shape[1])[signed.argmax(axis=1)]
    return one_hot


def _codes(column: pl.Series, known: pl.Series | None = None) -> IntArray:
    """Return each value's place among the known ones, by default in order of appearance."""
    values = column.unique(maintain_order=True) if known is None else known
    frame = pl.DataFrame({"value": values, "code": np.arange(len(values))})
    coded = pl.DataFrame({"value": column}).join(frame, on="value", maintain_order="left")
    codes: IntArray = coded["code"].to_numpy()
    return codes
