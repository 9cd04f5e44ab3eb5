"""Say which events are money, and what was spent between two instants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.data.stream import Stream

MONEY_DECIMALS: Final = 6

LARGEST_AMOUNT: Final = 1e12
"""No single event is taken for more than this, so that sums and their squares stay finite."""


def net_amounts(stream: Stream, spend_types: Mapping[str, float]) -> FloatArray:
    """Return what each event adds to spend, 0 where it is not money, shape (n_events,).

    An event of a type with a negative sign is taken off however its value is signed.
    """
    sign = _signs(stream, spend_types)
    amounts = np.where(np.isfinite(stream.values), stream.values, 0.0)
    amounts = amounts.clip(-LARGEST_AMOUNT, LARGEST_AMOUNT)
    return np.where(sign < 0, sign * np.abs(amounts), sign * amounts)


def is_purchase(stream: Stream, spend_types: Mapping[str, float]) -> BoolArray:
    """Tell which events are purchases, also those worth nothing, shape (n_events,).

    An event of a type with a positive sign but a negative value takes one back.
    """
    is_taken_back = stream.values < 0
    return (_signs(stream, spend_types) > 0) & ~is_taken_back


def spend_between(
    stream: Stream, amounts: FloatArray, users: IntArray, start: int, end: int
) -> FloatArray:
    """Return each user's net spend with own time in [start, end) (epoch ms), shape (n,)."""
    inside = (stream.times >= start) & (stream.times < end)
    n_users = max(stream.n_users, int(users.max(initial=-1)) + 1)
    totals = np.bincount(stream.users[inside], amounts[inside], minlength=n_users)
    # What was bought and given back leaves nothing, and no trace of rounding.
    return totals[users].astype(np.float64).round(MONEY_DECIMALS)


def users_before(stream: Stream, instant: int) -> IntArray:
    """Return the users who had an event before an instant (epoch ms), in row order."""
    return np.unique(stream.before(instant).users)


def _signs(stream: Stream, spend_types: Mapping[str, float]) -> FloatArray:
    """Return the sign of each event's money, 0 where it is not money, shape (n_events,)."""
    signs = np.array([spend_types.get(name, 0.0) for name in stream.type_names] or [0.0])
    return signs[stream.types]
