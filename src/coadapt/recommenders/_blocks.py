"""Rank the catalogue for many users, a block at a time, so that memory stays small."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from coadapt.data.batches import BoolArray, IntArray, Ranking, ScoreArray
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
    score: Callable[[sparse.csr_matrix], ScoreArray],
    past: sparse.csr_matrix,
    question: TopQuestion,
) -> Ranking:
    """Return the best items of each row of a history matrix, shape (n, n_items).

    `score` is called block by block, from several threads, and returns a new array of the block's
    shape, without NaN.
    """
    n_users, n_items = past.shape
    step = max(1, BLOCK_SCORES // max(1, n_items))
    blocks = [slice(start, start + step) for start in range(0, max(1, n_users), step)]
    parts = _map_in_threads(
        lambda block: _top_of_block(score, past[block], _of_block(question, block)), blocks
    )
    return Ranking(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.propensities for part in parts]),
    )


def _map_in_threads(rank: Callable[[slice], Ranking], blocks: list[slice]) -> list[Ranking]:
    """Rank blocks side by side: NumPy and SciPy let go of the interpreter while they compute.

    BLAS is kept to one thread meanwhile, since its own threads would wait for each other.
    """
    if len(blocks) == 1:
        return [rank(blocks[0])]
    n_threads = min(len(blocks), os.cpu_count() or 1)
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(n_threads) as threads:
        return list(threads.map(rank, blocks))


def _of_block(question: TopQuestion, block: slice) -> TopQuestion:
    """Return the question with a mask of one block's users."""
    if question.allowed is None or question.allowed.ndim == 1:
        return question
    return replace(question, allowed=question.allowed[block])


def _top_of_block(
    score: Callable[[sparse.csr_matrix], ScoreArray],
    past: sparse.csr_matrix,
    question: TopQuestion,
) -> Ranking:
    """Rank one block of users."""
    values = score(past)
    if question.skip_seen:
        values[np.repeat(np.arange(len(values)), np.diff(past.indptr)), past.indices] = -np.inf
    if question.allowed is not None:
        values[~np.broadcast_to(question.allowed, values.shape)] = -np.inf
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
