"""Make slates whose worth under any policy can be found out by letting it choose."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from coadapt.data.batches import FloatArray, Histories, IntArray, Scores, Situation
from coadapt.data.logged_slates import LoggedSlates
from coadapt.policies.base import Policy

N_CANDIDATES: Final = 12
N_PLACES: Final = 3
SLATES_A_PERSON: Final = 3


def logged_slates(chosen_by: Policy[Any], n_slates: int, seed: int) -> LoggedSlates:
    """Return slates of three of twelve candidates that a policy chose, and which were clicked."""
    rng = np.random.default_rng(seed)
    candidates = np.tile(np.arange(N_CANDIDATES), (n_slates, 1))
    histories = Histories.from_rows([np.zeros(1, np.int64)] * n_slates)
    situation = Situation(histories, candidates, N_PLACES)
    scores = Scores(rng.normal(size=candidates.shape).astype(np.float32))
    shown = chosen_by.choose(situation, scores, rng)
    return LoggedSlates(
        situation,
        scores,
        shown,
        rewards=_clicks(scores, shown.rows, rng),
        people=rng.integers(0, max(n_slates // SLATES_A_PERSON, 1), n_slates),
        times=np.arange(n_slates),
    )


def _clicks(scores: Scores, rows: IntArray, rng: np.random.Generator) -> FloatArray:
    """Let people look down the slate: each click makes those below half as likely."""
    appeal = 0.5 / (1 + np.exp(-2 * np.take_along_axis(scores.values, rows, axis=1)))
    clicked = np.zeros(rows.shape)
    for place in range(rows.shape[1]):
        eagerness = 0.5 ** clicked[:, :place].sum(axis=1)
        clicked[:, place] = rng.random(len(rows)) < appeal[:, place] * eagerness
    return clicked
