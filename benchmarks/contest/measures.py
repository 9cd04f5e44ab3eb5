"""Turn scores into ranks and ranks into figures: the one measuring code for all contenders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from contest.split import FloatArray, HeldOut, IntArray, Pasts

K: Final = 10
BLOCK_SCORES: Final = 2_000_000

Scorer = Callable[[Pasts], npt.NDArray[np.float32]]
"""Scores of the whole catalogue, shape (n, n_items)."""


def rank_held_out(score: Scorer, part: HeldOut, n_items: int) -> FloatArray:
    """Return 1 + higher + half of equal for each held-out item, what a user knows being masked.

    A held-out item that cannot be recommended ranks last.
    """
    block = max(1, BLOCK_SCORES // n_items)
    ranks = [
        _rank_block(score, part, start, min(start + block, len(part.pasts)))
        for start in range(0, len(part.pasts), block)
    ]
    return np.concatenate(ranks)


def _rank_block(score: Scorer, part: HeldOut, start: int, stop: int) -> FloatArray:
    """Rank the held-out items of some users."""
    pasts, targets = part.pasts.block(start, stop), part.targets.block(start, stop)
    scores = np.array(score(pasts), np.float32)
    known = pasts.known
    scores[np.repeat(np.arange(len(known)), known.lengths), known.items] = -np.inf
    scores[np.isnan(scores)] = -np.inf
    users = np.repeat(np.arange(len(targets)), targets.lengths)
    own = scores[users, targets.items]
    ranks = np.empty(len(own))
    for first in range(0, len(own), 256):
        some = slice(first, first + 256)
        ranks[some] = _ranks(scores[users[some]], own[some])
    return np.where(np.isfinite(own), ranks, scores.shape[1])


def _ranks(scores: npt.NDArray[np.float32], own: npt.NDArray[np.float32]) -> FloatArray:
    """Return the rank of one item a row."""
    n_higher = (scores > own[:, None]).sum(axis=1)
    n_equal = (scores == own[:, None]).sum(axis=1)
    ranks: FloatArray = 1 + n_higher + 0.5 * (n_equal - 1)
    return ranks


def figures_by_user(ranks: FloatArray, offsets: IntArray) -> dict[str, FloatArray]:
    """Return each user's figures; users with one held-out item all get HR and MRR.

    With several held-out items a user: precision, recall and NDCG with min(10, n) as the ideal.
    """
    lengths = np.diff(offsets)
    users = np.repeat(np.arange(len(lengths)), lengths)
    n_hits = np.bincount(users, ranks <= K, len(lengths))
    gains = np.where(ranks <= K, 1 / np.log2(ranks + 1), 0.0)
    ideal = np.cumsum(1 / np.log2(np.arange(2, K + 2)))[np.minimum(lengths, K) - 1]
    ndcg = np.bincount(users, gains, len(lengths)) / ideal
    if lengths.max() > 1:
        return {"precision@10": n_hits / K, "recall@10": n_hits / lengths, "ndcg@10": ndcg}
    return {"hr@10": n_hits, "ndcg@10": ndcg, "mrr": 1 / ranks}


def mean_ndcg(ranks: FloatArray, offsets: IntArray) -> float:
    """Return the mean NDCG@10 over users, by which settings and epochs are chosen."""
    return float(figures_by_user(ranks, offsets)["ndcg@10"].mean())
