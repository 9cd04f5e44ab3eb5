"""Follow one person through a stream: what was forecast of them, day by day, and what they did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.training.forecasting import end_of
from coadapt.value.base import ValueModel
from coadapt.value.forecasts import Forecast
from coadapt.value.spending import net_amounts

N_INSTANTS = 240
MAX_SPENDING_EVENTS = 12


@dataclass(frozen=True)
class Trajectory:
    """Hold forecasts of one person, shape (n_instants,), and their events, shape (n_events,).

    `low` and `high` are the quantiles at .05 and .95; `amounts` is what an event adds to spend, 0
    where it is not money. Times are epoch ms, amounts in currency.
    """

    user: str
    instants: IntArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    event_times: IntArray
    event_types: tuple[str, ...]
    amounts: FloatArray


def follow(model: ValueModel[Any], stream: Stream, user: int) -> Trajectory:
    """Follow a user from a week before their first event to the end; the state must be empty."""
    own = stream.take(stream.users == user)
    start, end = int(own.times.min()) - 7 * DAY_MS, end_of(stream)
    instants = np.unique(np.linspace(start, end, N_INSTANTS).astype(np.int64))
    forecasts = list(_forecasts(model, stream, user, instants))
    return Trajectory(
        user=stream.user_ids.ids[user],
        instants=instants,
        expected=np.concatenate([each.expected_spend for each in forecasts]),
        low=np.concatenate([each.at(0.05) for each in forecasts]),
        high=np.concatenate([each.at(0.95) for each in forecasts]),
        event_times=own.times,
        event_types=tuple(stream.type_names[number] for number in own.types),
        amounts=net_amounts(own, model.config.spend_types),
    )


def _forecasts(
    model: ValueModel[Any], stream: Stream, user: int, instants: IntArray
) -> Iterator[Forecast]:
    """Yield the forecast at each instant, from what was known by then."""
    since = np.int64(-(2**62))
    known_from = np.maximum(stream.times, stream.received)
    for instant in instants:
        model.update(stream.take((known_from > since) & (known_from <= instant)))
        since = instant
        yield model.value(np.array([user], np.int64), int(instant))


def telling_user(stream: Stream, spend_types: dict[str, float]) -> int:
    """Return a user whose story is worth a picture: many purchases, but not too many to see."""
    spends = net_amounts(stream, spend_types) > 0
    counts = np.bincount(stream.users[spends], minlength=stream.n_users)
    seen = np.where(counts <= MAX_SPENDING_EVENTS, counts, 0)
    return int(np.argmax(seen if seen.any() else counts))
