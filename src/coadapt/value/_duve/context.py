"""Say what a state is read with besides its sums: how long a user is known, and the time."""

from __future__ import annotations

import numpy as np

from coadapt.data.batches import FloatArray, IntArray, ScoreArray
from coadapt.domain.durations import DAY_MS
from coadapt.value._duve.market import N_MARKET

N_CONTEXT = 6 + N_MARKET


def context_of(instants: IntArray, first_seen: IntArray, market: FloatArray) -> ScoreArray:
    """Return the context of users at instants, shape (n, N_CONTEXT); `market` is (n, N_MARKET)."""
    known_days = np.maximum(instants - first_seen, 0) / DAY_MS
    hour = 2 * np.pi * (instants % DAY_MS) / DAY_MS
    weekday = 2 * np.pi * (instants % (7 * DAY_MS)) / (7 * DAY_MS)
    columns = (
        np.log1p(known_days) / 3.0,
        np.exp(-known_days / 30.0),
        np.cos(hour),
        np.sin(hour),
        np.cos(weekday),
        np.sin(weekday),
    )
    return np.concatenate((np.stack(columns, axis=1), market), axis=1).astype(np.float32)
