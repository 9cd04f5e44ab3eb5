"""Measure how high the held-out items rank."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.evaluation.base import Metric, Ranked

__all__ = ["METRICS", "auc", "map_at_k", "mrr", "ndcg"]


def ndcg(ranked: Ranked, k: int) -> FloatArray:
    """Return the discounted gain of the first k, over that of an ideal order (Järvelin 2002).

    The gain at rank r is 1 / log2(r + 1); the ideal puts min(k, held-out items) first.
    """
    gains = np.where(ranked.ranks <= k, 1 / np.log2(ranked.ranks + 1), 0.0)
    ideal = np.concatenate(([0.0], np.cumsum(1 / np.log2(np.arange(2, k + 2)))))
    return ranked.sum_by_user(gains) / ideal[np.minimum(k, ranked.n_targets)]


def mrr(ranked: Ranked, _k: int) -> FloatArray:
    """Return one over the rank of the best held-out item, over the whole catalogue."""
    return 1 / np.minimum.reduceat(ranked.ranks, ranked.offsets[:-1])


def map_at_k(ranked: Ranked, k: int) -> FloatArray:
    """Return average precision at k: the mean, over min(k, held-out items), of precision at hits.

    Precision at a held-out item of rank r is its rank among the held-out items over r.
    """
    precisions = np.where(ranked.ranks <= k, _ranks_among_targets(ranked) / ranked.ranks, 0.0)
    return ranked.sum_by_user(precisions) / np.minimum(k, ranked.n_targets)


def auc(ranked: Ranked, _k: int) -> FloatArray:
    """Return the probability that a held-out item ranks above one neither held out nor seen.

    The Mann-Whitney statistic over the whole catalogue; one that cannot be ranked is below all
    others. NaN where there is no other item.
    """
    is_ranked = np.isfinite(ranked.ranks)
    n_ranked = ranked.sum_by_user(is_ranked.astype(np.float64))
    n_others = ranked.n_rankable - n_ranked
    n_above = ranked.sum_by_user(np.where(is_ranked, ranked.ranks, 0))
    n_above -= n_ranked * (n_ranked + 1) / 2
    n_above += (ranked.n_targets - n_ranked) * n_others
    n_others[n_others <= 0] = np.nan
    return np.clip(1 - n_above / (ranked.n_targets * n_others), 0, 1)


def _ranks_among_targets(ranked: Ranked) -> FloatArray:
    """Return each held-out item's rank among its user's held-out items, ties sharing their mean."""
    users: IntArray = np.repeat(np.arange(len(ranked.n_targets)), ranked.n_targets)
    order = np.lexsort((ranked.ranks, users))
    places = np.arange(len(order)) - ranked.offsets[users] + 1.0
    sorted_users, sorted_ranks = users[order], ranked.ranks[order]
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = np.diff(sorted_users).astype(np.bool_) | (sorted_ranks[1:] > sorted_ranks[:-1])
    group = np.cumsum(is_new) - 1
    means = np.bincount(group, places) / np.bincount(group)
    result = np.empty(len(order))
    result[order] = means[group]
    return result


METRICS: Final = (
    Metric("ndcg", ndcg),
    Metric("map", map_at_k),
    Metric("mrr", mrr, is_at_k=False),
    Metric("auc", auc, is_at_k=False),
)
