"""Rank the catalogue for many users, a block at a time, so that memory stays small."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, Histories, IntArray, Ranking, ScoreArray
from coadapt.data.ranking import top_rows

BLOCK_SCORES: Final = 1_000_000
"""Scores held at once: 4 MB of float32, which a processor's cache can hold."""

MIN_CHUNK_WIDTH: Final = 4
"""Below this many columns a chunk, a first cut costs more than it saves."""


@dataclass(frozen=True, slots=True)
class TopQuestion:
    """Hold what `Recommender.top` is asked besides the histories."""

    k: int
    allowed: BoolArray | None
    skip_seen: bool


def top_by_block(
    score: Callable[[Histories], ScoreArray],
    histories: Histories,
    n_items: int,
    question: TopQuestion,
) -> Ranking:
    """Return each history's best items.

    `score` is called block by block and returns a new array of shape (n, n_items) without NaN.
    """
    users = np.arange(len(histories))
    block = max(1, BLOCK_SCORES // max(1, n_items))
    parts = [
        _top_of_block(score, histories, users[start : start + block], question)
        for start in range(0, max(1, len(histories)), block)
    ]
    return Ranking(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.propensities for part in parts]),
    )


def _top_of_block(
    score: Callable[[Histories], ScoreArray],
    histories: Histories,
    users: IntArray,
    question: TopQuestion,
) -> Ranking:
    """Rank one block of users."""
    block = histories.take(users)
    values = score(block)
    if question.skip_seen:
        seen = block.known()
        values[np.repeat(np.arange(len(seen)), seen.lengths), seen.rows] = -np.inf
    allowed = question.allowed
    if allowed is not None:
        of_block = allowed if allowed.ndim == 1 else allowed[users]
        values[~np.broadcast_to(of_block, values.shape)] = -np.inf
    return _best(values, question.k)


def _best(values: ScoreArray, k: int) -> Ranking:
    """Rank after a first cut: the best k columns lie in the k chunks with the highest maxima."""
    n_items = values.shape[1]
    width = math.isqrt(n_items // k) if k else 0
    if width < MIN_CHUNK_WIDTH:
        return top_rows(values, k)
    columns = _shortlist(values, k, width)
    ranking = top_rows(np.take_along_axis(values, columns, axis=1), k)
    rows = np.take_along_axis(columns, ranking.rows, axis=1)
    rows[ranking.rows < 0] = -1
    return Ranking(rows, ranking.scores, ranking.propensities)


def _shortlist(values: ScoreArray, k: int, width: int) -> IntArray:
    """Return ascending columns, shape (n, k * width + rest), that hold each row's k best.

    Chunk c is the columns c, c + n_chunks, …: so the maxima are taken over contiguous memory.
    """
    n_users, n_items = values.shape
    n_chunks = n_items // width
    chunked = values[:, : n_chunks * width].reshape(n_users, width, n_chunks)
    best = np.argpartition(chunked.max(axis=1), n_chunks - k, axis=1)[:, n_chunks - k :]
    columns = best[:, :, np.newaxis] + n_chunks * np.arange(width)
    rest = np.broadcast_to(
        np.arange(n_chunks * width, n_items), (n_users, n_items - n_chunks * width)
    )
    shortlist = np.concatenate([columns.reshape(n_users, -1), rest], axis=1)
    shortlist.sort(axis=1)
    return shortlist
