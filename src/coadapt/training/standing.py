"""See where a stream's people stand, so that segments can be learned and told offline."""

from __future__ import annotations

from typing import Any

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.progress import Progress, no_progress
from coadapt.training.forecasting import fold
from coadapt.value.base import ValueModel
from coadapt.value.segments import (
    CHANGE_DAYS,
    SegmentThresholds,
    Standing,
    gaps_between_visits,
    learn_thresholds,
    spans_of,
)
from coadapt.value.spending import users_before


def standing_at(
    model: ValueModel[Any], stream: Stream, as_of: int, progress: Progress = no_progress
) -> tuple[IntArray, Standing]:
    """Return who had an event by an instant (epoch ms), and how they stand.

    The model's state must be empty; it then holds what was known at the instant.
    """
    earlier = as_of - CHANGE_DAYS * DAY_MS
    users = users_before(stream, as_of + 1)
    was_known = (stream.times <= earlier) & (stream.received <= earlier)
    known = (stream.times <= as_of) & (stream.received <= as_of)
    fold(model, stream.take(was_known), progress)
    before = _spend(model, users, earlier, np.unique(stream.users[was_known]))
    fold(model, stream.take(known & ~was_known), progress)
    forecast = model.value(users, as_of)
    recency, tenure = spans_of(stream.take(known), users, as_of)
    standing = Standing(forecast.expected_spend, before, recency, tenure, ~forecast.is_prior)
    return users, standing


def thresholds_at(
    model: ValueModel[Any], stream: Stream, as_of: int, progress: Progress = no_progress
) -> SegmentThresholds:
    """Learn the thresholds of segments from everybody as they stand at an instant (epoch ms)."""
    _, standing = standing_at(model, stream, as_of, progress)
    gaps = gaps_between_visits(stream, model.config.session_minutes)
    return learn_thresholds(standing, gaps)


def _spend(model: ValueModel[Any], users: IntArray, as_of: int, known: IntArray) -> FloatArray:
    """Return the expected spend of users, NaN for those who were unknown."""
    spend: FloatArray = np.where(
        np.isin(users, known), model.value(users, as_of).expected_spend, np.nan
    )
    return spend
