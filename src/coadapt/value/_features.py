"""Describe users by numbers of like size, for models that learn from past cut-offs."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.domain.durations import DAY_MS
from coadapt.value._summary import HALF_LIVES_DAYS, Summary, halved

NO_AGE_DAYS: Final = 3650.0
"""The age of what never happened."""


def feature_names() -> list[str]:
    """Return the name of each feature."""
    parts = [f"{part}_{days:g}d" for days in HALF_LIVES_DAYS for part in ("events", "days", "net")]
    return [*_plain(Summary.empty(0), np.empty(0, np.int64)), *parts]


def features(summary: Summary, as_of: IntArray) -> FloatArray:
    """Return each user's features at an instant, shape (n, n_features); all finite."""
    plain = np.stack(list(_plain(summary, as_of).values()), axis=1)
    since = np.where(summary.n_events > 0, as_of - summary.last, 0).astype(np.float64)
    decayed = halved(since)[..., np.newaxis] * summary.decayed
    return np.hstack((plain, signed_log(decayed.reshape(len(summary), HALF_LIVES_DAYS.size * 3))))


def signed_log(amounts: FloatArray) -> FloatArray:
    """Return the log of one and an amount, with its sign."""
    logs: FloatArray = np.sign(amounts) * np.log1p(np.abs(amounts))
    return logs


def age_days(as_of: IntArray, times: IntArray) -> FloatArray:
    """Return how long ago something was, at least 0 and at most NO_AGE_DAYS."""
    return ((as_of - times) / DAY_MS).clip(0, NO_AGE_DAYS)


def _plain(summary: Summary, as_of: IntArray) -> dict[str, FloatArray]:
    """Return the features that are read off the summary, by name."""
    has_bought = summary.n_days > 0
    since_first = age_days(as_of, np.where(has_bought, summary.first_purchase, -as_of))
    since_last = age_days(as_of, np.where(has_bought, summary.last_purchase, -as_of))
    gap = np.where(has_bought, since_first - since_last, 0) / np.maximum(summary.n_days - 1, 1)
    net_a_day = summary.total / np.maximum(summary.n_days, 1)
    return {
        "since_event": np.log1p(age_days(as_of, summary.last)),
        "since_first_event": np.log1p(age_days(as_of, summary.first)),
        "since_purchase": np.log1p(since_last),
        "since_first_purchase": np.log1p(since_first),
        "gap": np.log1p(gap),
        "overdue": np.log1p(since_last) - np.log1p(gap),
        "n_events": np.log1p(summary.n_events),
        "n_days": np.log1p(summary.n_days),
        "n_purchases": np.log1p(summary.n_purchases),
        "total": signed_log(summary.total),
        "net_a_day": signed_log(net_a_day),
        "refunds": np.log1p(summary.refunds),
        "first_day": np.log1p(summary.first_day_total),
        "last_day": np.log1p(summary.last_day_total),
        "largest": np.log1p(summary.largest),
    }
