"""Estimate how far a mean over users could be off, by drawing the users again (Efron 1979)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from scipy import sparse

from coadapt.data.batches import FloatArray

DRAWS_AT_ONCE: Final = 2_000_000
LEVEL_PERCENT: Final = (2.5, 97.5)


def bootstrap_means(values: FloatArray, n_bootstrap: int, seed: int) -> FloatArray:
    """Return means of resampled users for each column, shape (n_bootstrap, n_columns).

    `values` has shape (n_users, n_columns); NaN: the user does not count for that column. All
    columns share the same draws, so that their differences can be read.
    """
    is_defined = ~np.isnan(values)
    filled = np.where(is_defined, values, 0.0)
    weights_of_defined = is_defined.astype(np.float64)
    blocks = [
        (weights @ filled) / np.maximum(weights @ weights_of_defined, 1)
        for weights in _resamples(len(values), n_bootstrap, seed)
    ]
    return np.concatenate(blocks) if blocks else np.empty((0, values.shape[1]))


def bootstrap_exposures(
    slates: sparse.csr_matrix,
    statistic: Callable[[FloatArray], FloatArray],
    n_bootstrap: int,
    seed: int,
) -> FloatArray:
    """Return a statistic of exposures for resampled users, shape (n_bootstrap,).

    `slates` is binary, shape (n_users, n_items).
    """
    by_item = slates.T.tocsr()
    resamples = _resamples(slates.shape[0], n_bootstrap, seed)
    values = [statistic((by_item @ weights.T).T) for weights in resamples]
    return np.concatenate(values) if values else np.empty(0)


def percentile_interval(resampled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the 95 % percentile interval of each column."""
    low, high = np.percentile(resampled, LEVEL_PERCENT, axis=0)
    return low, high


def _resamples(n_users: int, n_bootstrap: int, seed: int) -> Iterator[FloatArray]:
    """Yield how often each user is drawn, in blocks of shape (some draws, n_users)."""
    rng = np.random.default_rng(seed)
    block = max(1, DRAWS_AT_ONCE // max(1, n_users))
    for start in range(0, n_bootstrap, block):
        n_draws = min(block, n_bootstrap - start)
        drawn = rng.integers(0, n_users, (n_draws, n_users))
        drawn += n_users * np.arange(n_draws)[:, np.newaxis]
        counts = np.bincount(drawn.ravel(), minlength=n_draws * n_users)
        yield counts.reshape(n_draws, n_users).astype(np.float64)
