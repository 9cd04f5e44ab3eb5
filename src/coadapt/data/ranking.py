"""Pick the best k columns of a score matrix, in order."""

from __future__ import annotations

import numpy as np

from coadapt.data.batches import IntArray, Ranking, ScoreArray


def top_rows(scores: ScoreArray, k: int) -> Ranking:
    """Return the k highest columns a row, best first, ties by column; -inf and NaN leave row -1.

    `scores` has shape (n, n_items). All propensities are 1: the choice is deterministic.
    """
    k = min(k, scores.shape[1])
    usable = np.where(np.isnan(scores), -np.inf, scores)
    best = _best_columns(usable, k)
    values = np.take_along_axis(usable, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    rows = np.take_along_axis(best, order, axis=1).astype(np.int64)
    chosen = np.take_along_axis(values, order, axis=1).astype(np.float32)
    rows[~np.isfinite(chosen)] = -1
    return Ranking(rows, chosen, np.ones(rows.shape))


def _best_columns(scores: ScoreArray, k: int) -> IntArray:
    """Return the columns of the k highest of each row, in column order, shape (n, k).

    Where a tie crosses the k-th place, a partition picks any of the tied: those rows are sorted.
    """
    if k == 0 or len(scores) == 0:
        return np.empty((len(scores), k), np.int64)
    best: IntArray = np.argpartition(scores, -k, axis=1)[:, -k:]
    chosen = np.take_along_axis(scores, best, axis=1)
    least = chosen.min(axis=1, keepdims=True)
    is_cut = (scores == least).sum(axis=1) > (chosen == least).sum(axis=1)
    tied = np.flatnonzero(is_cut & np.isfinite(least[:, 0]))
    best[tied] = np.argsort(-scores[tied], axis=1, kind="stable")[:, :k]
    best.sort(axis=1)
    return best
