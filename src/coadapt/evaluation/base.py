"""State what a metric is given: where the held-out items ranked, and what was shown instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from coadapt.data.batches import FloatArray, Histories, IntArray


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Hold what metrics know of items.

    `counts` are training events, shape (n_items,). `unit_vectors` describe items by rows of length
    one, shape (n_items, any); None: nothing is known that tells items apart.
    """

    counts: IntArray
    unit_vectors: sparse.csr_matrix | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hold the ranking of the whole catalogue for a block of n users.

    `ranks[offsets[q]:offsets[q + 1]]` are the ranks of user q's held-out items: 1 + items scored
    higher + half of those scored equal, and infinity for one that cannot be ranked. `n_rankable`
    counts the items that could be shown, shape (n,). `top` holds the item rows shown, best first,
    shape (n, largest k), -1 for an empty place. `histories` is what was known.
    """

    ranks: FloatArray
    offsets: IntArray
    n_rankable: IntArray
    top: IntArray
    histories: Histories
    items: ItemFacts

    @property
    def n_targets(self) -> IntArray:
        """Count each user's held-out items, shape (n,)."""
        return np.diff(self.offsets)

    def sum_by_user(self, of_targets: FloatArray) -> FloatArray:
        """Add up one value a held-out item for each user, shape (n,)."""
        users = np.repeat(np.arange(len(self.n_targets)), self.n_targets)
        sums = np.bincount(users, of_targets, minlength=len(self.n_targets))
        return sums.astype(np.float64, copy=False)

    def n_hits(self, k: int) -> FloatArray:
        """Count each user's held-out items among the first k, shape (n,)."""
        return self.sum_by_user((self.ranks <= k).astype(np.float64))


@dataclass(frozen=True, slots=True)
class Metric:
    """Name a measure of one user's ranking; higher need not be better.

    `measure(ranked, k)` returns shape (n,), NaN where the metric is undefined for a user. One that
    is not `is_at_k` ignores k. `needs_vectors`: it reads `ItemFacts.unit_vectors`.
    """

    name: str
    measure: Callable[[Ranked, int], FloatArray]
    is_at_k: bool = True
    needs_vectors: bool = False


@dataclass(frozen=True, slots=True)
class ExposureMetric:
    """Name a measure of what all users together were shown.

    `measure(counts)` takes exposures by item, shape (…, n_items), and returns shape (…).
    """

    name: str
    measure: Callable[[FloatArray], FloatArray]
