"""Say where people stand, new, rising, loyal, fading or dormant, by learned thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS, MINUTE_MS

SEGMENTS: Final = ("unknown", "new", "rising", "loyal", "fading", "dormant")
UNKNOWN, NEW, RISING, LOYAL, FADING, DORMANT = range(len(SEGMENTS))

CHANGE_DAYS: Final = 7
"""A forecast is compared with that of so many days before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold what segments are told from, each of shape (n,).

    `expected_before` is the forecast CHANGE_DAYS earlier, NaN for who was unknown then. Recency is
    the time since a person's last event, tenure that since their first.
    """

    expected_spend: FloatArray
    expected_before: FloatArray
    recency_days: FloatArray
    tenure_days: FloatArray
    is_known: BoolArray

    def change(self, floor: float) -> FloatArray:
        """Return the log of how many times the forecast of before it is now; NaN for unknown."""
        now = np.maximum(self.expected_spend, 0) + floor
        before = np.maximum(self.expected_before, 0) + floor
        ratio: FloatArray = np.log(now / before)
        return ratio


@dataclass(frozen=True, slots=True)
class SegmentThresholds:
    """Hold what a training learned of its people; a run keeps it.

    Three of four returns come within `new_days`, 19 of 20 within `dormant_days`. `loyal_spend` is
    the median forecast, in currency. A fifth of the people changed by `rising_change` or more, a
    fifth by `fading_change` or less (see `Standing.change`; `floor` is its argument, in currency).
    """

    new_days: float
    dormant_days: float
    loyal_spend: float
    rising_change: float
    fading_change: float
    floor: float


def learn_thresholds(standing: Standing, gaps_days: FloatArray) -> SegmentThresholds:
    """Learn thresholds from people as they stand and from the gaps between their visits."""
    known = standing.is_known
    spend = standing.expected_spend[known]
    floor = max(0.01 * float(spend.mean()), 1e-9) if known.any() else 1e-9
    change = standing.change(floor)[known]
    change = change[np.isfinite(change)]
    return SegmentThresholds(
        new_days=_quantile(gaps_days, 0.75, otherwise=7.0),
        dormant_days=_quantile(gaps_days, 0.95, otherwise=90.0),
        loyal_spend=_quantile(spend, 0.5, otherwise=0.0),
        rising_change=max(_quantile(change, 0.8, otherwise=0.0), 0.0),
        fading_change=min(_quantile(change, 0.2, otherwise=0.0), 0.0),
        floor=floor,
    )


def depends_on_change(
    recency_days: FloatArray, tenure_days: FloatArray, thresholds: SegmentThresholds
) -> BoolArray:
    """Tell whose segment hangs on how their forecast changed, shape (n,): not new, not dormant."""
    is_old = tenure_days > thresholds.new_days
    is_awake = recency_days <= thresholds.dormant_days
    return is_old & is_awake


def segments_of(standing: Standing, thresholds: SegmentThresholds) -> IntArray:
    """Return each person's place in SEGMENTS, shape (n,).

    Who is silent for long is dormant; who came first not long ago is new; a forecast that is high
    and steady is loyal; any other rises or fades. An unchanged forecast is steady whatever the
    thresholds, and one that is low fades: nothing raised it. Who was unknown a week before has
    risen from nothing, unless they are loyal.
    """
    change = standing.change(thresholds.floor)
    has_risen = np.isnan(change) | (change > 0)
    change = np.nan_to_num(change, nan=0.0)
    is_high = standing.expected_spend >= thresholds.loyal_spend
    is_between = (change > thresholds.fading_change) & (change < thresholds.rising_change)
    is_steady = (change == 0) | is_between
    segment = np.where(has_risen, RISING, FADING)
    segment = np.where(is_high & is_steady, LOYAL, segment)
    segment = np.where(standing.tenure_days <= thresholds.new_days, NEW, segment)
    segment = np.where(standing.recency_days > thresholds.dormant_days, DORMANT, segment)
    return np.where(standing.is_known, segment, UNKNOWN).astype(np.int64)


def gaps_between_visits(stream: Stream, session_minutes: float) -> FloatArray:
    """Return the days between each person's events that are of different sessions."""
    order = np.lexsort((stream.times, stream.users))
    users, times = stream.users[order], stream.times[order]
    gaps_ms = np.diff(times)
    is_return = (users[1:] == users[:-1]) & (gaps_ms > session_minutes * MINUTE_MS)
    gaps: FloatArray = gaps_ms[is_return] / DAY_MS
    return gaps


def spans_of(stream: Stream, users: IntArray, as_of: int) -> tuple[FloatArray, FloatArray]:
    """Return recency and tenure of users in days, shape (n,); NaN for who has no event by then."""
    happened = stream.times <= as_of
    first = np.full(max(stream.n_users, 1), np.inf)
    last = np.full(max(stream.n_users, 1), -np.inf)
    np.minimum.at(first, stream.users[happened], stream.times[happened].astype(np.float64))
    np.maximum.at(last, stream.users[happened], stream.times[happened].astype(np.float64))
    recency, tenure = ((as_of - edge[users]) / DAY_MS for edge in (last, first))
    return (
        np.where(np.isfinite(recency), recency, np.nan),
        np.where(np.isfinite(tenure), tenure, np.nan),
    )


def _quantile(values: FloatArray, level: float, *, otherwise: float) -> float:
    """Return a quantile, or what holds where there is nothing to learn from."""
    return float(np.quantile(values, level)) if len(values) else otherwise
