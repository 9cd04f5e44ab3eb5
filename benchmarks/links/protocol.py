"""Follow TGB's tgbl-wiki-v2: read the edits, split them in time, and measure ranks."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from coadapt.data.batches import BoolArray, FloatArray, IntArray, ScoreArray

DATASET: Final = "tgbl-wiki-v2"
PATH: Final = "jodie_wikipedia/wikipedia_edges.txt.gz"
VALIDATION_AT: Final = 0.70
TEST_AT: Final = 0.85
EDGE_BANK_BATCH: Final = 200


class Log(NamedTuple):
    """Hold edits in time order: who, which page, when (s)."""

    users: IntArray
    pages: IntArray
    times: IntArray


class Split(NamedTuple):
    """Say where validation and test begin, and where the log ends, in events."""

    validation: int
    test: int
    end: int


def read_log(data: Path) -> Log:
    """Return the edits of JODIE's Wikipedia, users and pages numbered from 0."""
    names = ["user", "page", "time"]
    frame = pl.read_csv(data / PATH, separator=" ", has_header=False, new_columns=names)
    users, pages = (np.unique(frame[name], return_inverse=True)[1] for name in names[:2])
    return Log(users, pages, frame["time"].cast(pl.Int64).to_numpy())


def split(times: IntArray) -> Split:
    """Split at quantiles of time; an event at a quantile belongs to the earlier part."""
    first, second = np.quantile(times, [VALIDATION_AT, TEST_AT])
    return Split(int((times <= first).sum()), int((times <= second).sum()), len(times))


def reciprocal_ranks(
    scores: ScoreArray, is_truth: BoolArray, weights: ScoreArray | None = None
) -> FloatArray:
    """Return 1 / rank of each row's truth: rank = 1 + higher + ½ equal.

    `scores` (n, n_candidates); `weights` say how many pages a sampled candidate stands for.
    """
    truth = scores[is_truth][:, None]
    others = np.where(is_truth, 0.0, 1.0 if weights is None else weights)
    higher = ((scores > truth) * others).sum(axis=1)
    equal = ((scores == truth) * others).sum(axis=1)
    ranks: FloatArray = 1.0 / (1.0 + higher + 0.5 * equal)
    return ranks


def edge_bank(log: Log, start: int) -> FloatArray:
    """Return the reciprocal ranks of EdgeBank from an event on: pages that the user knew score 1.

    What users know is brought up to date every EDGE_BANK_BATCH events. TGB publishes .495.
    """
    knows = np.zeros((log.users.max() + 1, log.pages.max() + 1), np.float32)
    knows[log.users[:start], log.pages[:start]] = 1.0
    ranks = []
    for begin in range(start, len(log.users), EDGE_BANK_BATCH):
        users, pages = (column[begin : begin + EDGE_BANK_BATCH] for column in log[:2])
        ranks.append(reciprocal_ranks(knows[users], pages[:, None] == np.arange(knows.shape[1])))
        knows[users, pages] = 1.0
    return np.concatenate(ranks)
