"""Fall back on popularity where a history says nothing."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from coadapt.data.batches import IntArray, ScoreArray


def log_popularity(item_counts: IntArray) -> ScoreArray:
    """Return the logarithm of one plus each item's count, shape (n_items,)."""
    return np.log1p(item_counts).astype(np.float32)


def fill_empty(values: ScoreArray, past: sparse.csr_matrix, prior: ScoreArray) -> ScoreArray:
    """Give users without a known event the prior, in place, and return the scores.

    `values` has shape (n, n_candidates), `past` (n, n_items), `prior` (n_candidates,).
    """
    values[np.diff(past.indptr) == 0] = prior
    return values
