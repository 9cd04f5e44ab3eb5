"""Pick the best k columns of a score matrix, in order."""

from __future__ import annotations

import numpy as np

from coadapt.data.batches import Ranking, ScoreArray


def top_rows(scores: ScoreArray, k: int) -> Ranking:
    """Return the k highest columns a row, best first, ties by column; -inf and NaN leave row -1.

    `scores` has shape (n, n_items). All propensities are 1: the choice is deterministic.
    """
    k = min(k, scores.shape[1])
    usable = np.where(np.isnan(scores), -np.inf, scores)
    best = np.argpartition(-usable, k - 1, axis=1)[:, :k] if k else np.empty((len(scores), 0), int)
    best.sort(axis=1)
    values = np.take_along_axis(usable, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    rows = np.take_along_axis(best, order, axis=1).astype(np.int64)
    chosen = np.take_along_axis(values, order, axis=1).astype(np.float32)
    rows[~np.isfinite(chosen)] = -1
    return Ranking(rows, chosen, np.ones(rows.shape))
