"""Rank a block of users' held-out items among the whole catalogue."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray, Histories, IntArray, ScoreArray
from coadapt.data.ranking import top_rows
from coadapt.evaluation.base import ItemFacts, Ranked

COMPARISONS_AT_ONCE: Final = 2_000_000


def rank_block(
    scores: ScoreArray,
    histories: Histories,
    targets: Histories,
    items: ItemFacts,
    *,
    n_shown: int,
    skip_seen: bool = True,
) -> Ranked:
    """Rank held-out items by scores of shape (n, n_items), which are overwritten.

    Seen items, NaN and infinities cannot be shown, unless `skip_seen` is off.
    """
    if skip_seen:
        seen = histories.known()
        scores[np.repeat(np.arange(len(seen)), seen.lengths), seen.rows] = -np.inf
    is_usable = np.isfinite(scores)
    scores[~is_usable] = -np.inf
    return Ranked(
        ranks=_ranks(scores, targets),
        offsets=targets.offsets,
        n_rankable=is_usable.sum(axis=1),
        top=top_rows(scores, n_shown).rows,
        histories=histories,
        items=items,
    )


def _ranks(scores: ScoreArray, targets: Histories) -> FloatArray:
    """Return 1 + higher + half of equal for each held-out item, infinity where it has no score."""
    n_items = scores.shape[1]
    users = np.repeat(np.arange(len(targets)), targets.lengths)
    own = np.where(targets.rows >= 0, scores[users, targets.rows], np.float32(-np.inf))
    ranks = np.empty(len(users))
    step = max(1, COMPARISONS_AT_ONCE // n_items)
    for start in range(0, len(users), step):
        part = slice(start, start + step)
        ranks[part] = _count_better(scores, users[part], own[part])
    ranks[~np.isfinite(own)] = np.inf
    return ranks


def _count_better(scores: ScoreArray, users: IntArray, own: ScoreArray) -> FloatArray:
    """Return 1 + higher + half of the others equal, for some held-out items."""
    of_users = scores[users]
    n_higher = np.count_nonzero(of_users > own[:, np.newaxis], axis=1)
    n_equal = np.count_nonzero(of_users == own[:, np.newaxis], axis=1)
    rank: FloatArray = 1 + n_higher + 0.5 * (n_equal - 1)
    return rank
