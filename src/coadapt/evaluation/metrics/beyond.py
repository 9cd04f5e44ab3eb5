"""Measure what a slate is beside being right: novel, varied, less or more popular than habit."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse

from coadapt.data.batches import FloatArray, IntArray
from coadapt.domain.errors import ConfigError
from coadapt.evaluation.base import Metric, Ranked

__all__ = ["METRICS", "diversity", "novelty", "popularity_lift", "slate_matrix"]


def novelty(ranked: Ranked, k: int) -> FloatArray:
    """Return the mean self-information of the items shown, in bits (Zhou et al. 2010).

    An item's probability is its share of all training events; an item without one counts as met
    once. NaN for an empty slate.
    """
    counts = np.maximum(ranked.items.counts, 1)
    return _mean_shown(ranked, k, np.log2(counts.sum() / counts))


def popularity_lift(ranked: Ranked, k: int) -> FloatArray:
    """Return how popular the items shown are relative to the history's own (Abdollahpouri 2019).

    The ratio of mean training counts: above 1, the slate is more popular than the person's habits.
    NaN without a history, or where its items have no event.
    """
    counts = ranked.items.counts.astype(np.float64)
    past = ranked.histories.known()
    users = np.repeat(np.arange(len(past)), past.lengths)
    # Without any event, bincount answers in integers.
    habit = np.bincount(users, counts[past.rows], minlength=len(past)).astype(np.float64)
    habit[habit == 0] = np.nan
    return _mean_shown(ranked, k, counts) * past.lengths / habit


def diversity(ranked: Ranked, k: int) -> FloatArray:
    """Return the mean of 1 - cosine over all pairs of a slate (Ziegler et al. 2005).

    NaN for fewer than two items. The sum over pairs is (|Σ v|² - Σ |v|²) / 2.
    """
    vectors = ranked.items.unit_vectors
    if vectors is None:
        raise ConfigError("diversity needs item vectors: hand them in or leave the metric out")
    slates = slate_matrix(ranked.top[:, :k], vectors.shape[0])
    totals = slates @ vectors
    of_pairs: FloatArray = np.asarray(totals.multiply(totals).sum(axis=1)).ravel()
    of_pairs -= slates @ np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    n_shown = np.diff(slates.indptr).astype(np.float64)
    n_pairs = n_shown * (n_shown - 1)
    n_pairs[n_pairs == 0] = np.nan
    varied: FloatArray = 1 - of_pairs / n_pairs
    return varied


def _mean_shown(ranked: Ranked, k: int, of_items: FloatArray) -> FloatArray:
    """Return the mean of an item's value over each slate's first k, NaN for an empty one."""
    shown = ranked.top[:, :k]
    n_shown = (shown >= 0).sum(axis=1).astype(np.float64)
    n_shown[n_shown == 0] = np.nan
    total: FloatArray = np.where(shown >= 0, of_items[shown], 0.0).sum(axis=1)
    mean: FloatArray = total / n_shown
    return mean


def slate_matrix(shown: IntArray, n_items: int) -> sparse.csr_matrix:
    """Return which user is shown which item, binary, shape (n, n_items)."""
    users, places = np.nonzero(shown >= 0)
    offsets = np.concatenate(([0], np.cumsum(np.bincount(users, minlength=len(shown)))))
    ones = np.ones(len(users))
    return sparse.csr_matrix((ones, shown[users, places], offsets), (len(shown), n_items))


METRICS: Final = (
    Metric("novelty", novelty),
    Metric("popularity_lift", popularity_lift),
    Metric("diversity", diversity, needs_vectors=True),
)
