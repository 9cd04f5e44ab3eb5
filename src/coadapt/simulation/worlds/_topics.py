"""Group items that the same people meet, to stand in for categories that data do not tell."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.linalg import svds

from coadapt.data.batches import FloatArray, IntArray

N_DIRECTIONS: Final = 8
LEAST_STRENGTH: Final = 1e-6
"""Directions below this share of the strongest are rounding noise."""

MAX_DENSE: Final = 1_000_000
"""Entries of the largest matrix that is decomposed whole."""


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
    directions = _directions(sparse.csr_matrix(met / lengths), n_directions)[1:].T
    if not directions.shape[1]:
        return np.zeros((len(item_ids), 1))
    signed = np.concatenate((directions, -directions), axis=1)
    one_hot: FloatArray = np.eye(signed.shape[1])[signed.argmax(axis=1)]
    return one_hot


def _directions(matrix: sparse.csr_matrix, n_directions: int) -> FloatArray:
    """Return right singular vectors, the strongest first, without those of rounding noise."""
    if math.prod(matrix.shape) <= MAX_DENSE:
        # ARPACK restarts by chance on matrices of low rank, which are small ones.
        _, strengths, found = np.linalg.svd(matrix.toarray(), full_matrices=False)
    else:
        start = np.full(min(matrix.shape), 1.0)
        _, strengths, found = svds(matrix, k=n_directions, v0=start)
    order = np.argsort(-strengths, kind="stable")[:n_directions]
    strong: FloatArray = found[order][strengths[order] > LEAST_STRENGTH * strengths.max()]
    return strong


def _codes(column: pl.Series, known: pl.Series | None = None) -> IntArray:
    """Return each value's place among the known ones, by default in order of appearance."""
    values = column.unique(maintain_order=True) if known is None else known
    frame = pl.DataFrame({"value": values, "code": np.arange(len(values))})
    coded = pl.DataFrame({"value": column}).join(frame, on="value", maintain_order="left")
    codes: IntArray = coded["code"].to_numpy()
    return codes
