"""Build the steps of preprocessing: each takes events and returns events and what it fitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import polars as pl

from coadapt.domain.errors import EmptyDataError
from coadapt.domain.events import is_interest

Fitted: TypeAlias = tuple[pl.DataFrame, dict[str, Any]]
Step: TypeAlias = Callable[[pl.DataFrame], Fitted]

OUTLIER_IQRS: Final = 10.0
"""How many interquartile ranges from the median a value may lie under the robust rule."""

_VALUE = pl.col("value")


def with_item(rows: pl.DataFrame) -> Fitted:
    """Keep events that name an item."""
    return rows.filter(pl.col("item_id").is_not_null()), {}


def of_interest(rows: pl.DataFrame) -> Fitted:
    """Keep events that put their item into a history, as the service does: no refunds, say."""
    kinds = [name for name in rows["type"].unique().to_list() if is_interest(name)]
    return rows.filter(pl.col("type").is_in(kinds)), {}


def of_types(event_types: tuple[str, ...]) -> Step:
    """Keep events of these types."""
    return lambda rows: (rows.filter(pl.col("type").is_in(event_types)), {})


def with_value(instead: str | float) -> Step:
    """Drop events without a value, or give them a constant, the mean or the median."""

    def step(rows: pl.DataFrame) -> Fitted:
        """Fit what stands in for a missing value."""
        n_missing = rows["value"].null_count()
        if instead == "drop":
            return rows.drop_nulls("value"), {"n_missing": n_missing}
        fill = {"mean": rows["value"].mean(), "median": rows["value"].median()}.get(
            str(instead), instead
        )
        if fill is None:
            raise EmptyDataError(
                "missing_values: no event carries a value; give a constant or keep them",
                field="missing_values",
            )
        filled = rows.with_columns(_VALUE.fill_null(pl.lit(fill, pl.Float64)))
        return filled, {"n_missing": n_missing, "fill": fill}

    return step


def with_min_value(min_value: float) -> Step:
    """Keep events of at least this value, and those without one."""
    keep = _VALUE.is_null() | (min_value <= _VALUE)
    return lambda rows: (rows.filter(keep), {})


def robust_limits(values: pl.Series) -> tuple[float, float] | None:
    """Return the median plus and minus ten interquartile ranges; None where values hardly vary.

    If half of the values are equal the range is zero and says nothing of outliers.
    """
    low, middle, high = (values.quantile(q, "linear") for q in (0.25, 0.5, 0.75))
    if low is None or middle is None or high is None or high == low:
        return None
    reach = OUTLIER_IQRS * (high - low)
    return middle - reach, middle + reach


def within_limits(action: str, rule: str, quantiles: tuple[float, float]) -> Step:
    """Clip or drop values outside the limits of a rule; missing values stay."""

    def step(rows: pl.DataFrame) -> Fitted:
        """Fit the limits."""
        values = rows["value"].drop_nulls()
        limits = robust_limits(values) if rule == "robust" else _quantiles(values, quantiles)
        if limits is None:
            return rows, {"low": None, "high": None, "n_outside": 0}
        low, high = limits
        is_inside = (_VALUE.is_between(low, high)).fill_null(value=True)
        statistics = {"low": low, "high": high, "n_outside": rows.select(~is_inside).sum().item()}
        if action == "clip":
            return rows.with_columns(_VALUE.clip(low, high)), statistics
        return rows.filter(is_inside), statistics

    return step


def deduplicated(keep: str, duplicates_of: str) -> Step:
    """Keep the first or last event in time of each pair, or of each repeated event."""
    keys = ["user_id", "item_id"]
    if duplicates_of == "event":
        keys += ["type", "timestamp"]

    def step(rows: pl.DataFrame) -> Fitted:
        """Choose by time, ties by place in the file; what is kept stays in its order."""
        placed = rows.with_row_index("place").sort("timestamp", maintain_order=True)
        if keep == "last":
            placed = placed.reverse()
        chosen = placed.unique(keys, keep="first", maintain_order=True)
        return chosen.sort("place").drop("place"), {}

    return step


def in_core(min_item_events: int, min_user_events: int, *, is_stable: bool) -> Step:
    """Drop items, then users, with fewer events than their minimum; once, or until none is left."""

    def step(rows: pl.DataFrame) -> Fitted:
        """Count the passes that removed something."""
        n_passes, height = 0, -1
        while rows.height != height and (is_stable or n_passes == 0):
            height = rows.height
            rows = rows.filter(pl.len().over("item_id") >= min_item_events)
            rows = rows.filter(pl.len().over("user_id") >= min_user_events)
            n_passes += 1
        n_items, n_users = rows["item_id"].n_unique(), rows["user_id"].n_unique()
        return rows, {"passes": n_passes, "items": n_items, "users": n_users}

    return step


def with_scaled_values(kind: str) -> Step:
    """Scale values to mean 0 and deviation 1, or to the range 0 to 1; equal values become 0."""

    def step(rows: pl.DataFrame) -> Fitted:
        """Fit shift and scale."""
        shift, top = _VALUE.mean(), _VALUE.mean() + _VALUE.std(ddof=0)
        if kind == "minmax":
            shift, top = _VALUE.min(), _VALUE.max()
        fitted = rows.select(shift=shift, scale=top - shift).row(0, named=True)
        scaled = (_VALUE - fitted["shift"]) / (fitted["scale"] or 1.0)
        return rows.with_columns(value=scaled) if fitted["scale"] is not None else rows, fitted

    return step


def _quantiles(values: pl.Series, quantiles: tuple[float, float]) -> tuple[float, float] | None:
    """Return two quantiles of the values, None of no values."""
    low, high = (values.quantile(q, "linear") for q in quantiles)
    return None if low is None or high is None else (low, high)
