"""Say what was found in a data set, before anything is learnt from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from coadapt.data._cleaning import OUTLIER_IQRS, robust_limits
from coadapt.data.sources.base import SourceTable

N_BAD_ROWS_SHOWN: Final = 20
QUANTILES: Final = {"min": 0.0, "p25": 0.25, "median": 0.5, "p75": 0.75, "p99": 0.99, "max": 1.0}
OUTLIER_RULE: Final = f"outside the median plus and minus {OUTLIER_IQRS:g} interquartile ranges"


@dataclass(frozen=True, slots=True)
class BadRow:
    """Name one row that could not be read as an event."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class TypeSummary:
    """Describe the events of one type; value figures are None where none carries a value.

    Values are outliers outside the median plus and minus ten interquartile ranges of their type.
    """

    n_events: int
    n_with_value: int
    value_min: float | None
    value_median: float | None
    value_max: float | None
    n_outliers: int
    first_outlier_line: int | None


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """Describe a data set; times are epoch milliseconds, None where the data has none.

    `n_duplicates` counts events that repeat the user, item, type and time of an earlier one;
    `n_out_of_order` events that are older than the same user's event before them in the file.
    """

    source: str
    files: tuple[str, ...]
    n_rows_read: int
    n_events: int
    n_bad_rows: int
    bad_rows_by_reason: Mapping[str, int]
    first_bad_rows: tuple[BadRow, ...]
    n_users: int
    n_items: int
    types: Mapping[str, TypeSummary]
    first_time_ms: int | None
    last_time_ms: int | None
    n_duplicates: int
    first_duplicate_line: int | None
    n_out_of_order: int
    first_out_of_order_line: int | None
    missing: Mapping[str, int]
    events_a_user: Mapping[str, float]
    events_an_item: Mapping[str, float]
    density: float
    n_described_items: int
    n_described_users: int
    n_ties: int

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can hold."""
        return asdict(self)


def validate(table: SourceTable) -> ValidationReport:
    """Describe what a source read."""
    events, bad = table.events, table.bad_rows
    users, items = _counts(events, "user_id"), _counts(events, "item_id")
    duplicates = events.filter(
        ~pl.struct("user_id", "item_id", "type", "timestamp").is_first_distinct()
    )
    backward = events.filter(pl.col("timestamp").diff().over("user_id") < 0)
    reasons = bad.group_by("reason").len().sort("len", "reason", descending=[True, False])
    n_pairs = events.select("user_id", "item_id").drop_nulls().n_unique()
    return ValidationReport(
        source=table.name,
        files=tuple(file.name for file in table.files),
        n_rows_read=table.n_rows_read,
        n_events=events.height,
        n_bad_rows=bad.height,
        bad_rows_by_reason=dict(reasons.iter_rows()),
        first_bad_rows=tuple(BadRow(*row) for row in bad.head(N_BAD_ROWS_SHOWN).iter_rows()),
        n_users=len(users),
        n_items=len(items),
        types=_types(events),
        first_time_ms=_whole(events["timestamp"].min()) if table.has_times else None,
        last_time_ms=_whole(events["timestamp"].max()) if table.has_times else None,
        n_duplicates=duplicates.height,
        first_duplicate_line=_whole(duplicates["line"].min()),
        n_out_of_order=backward.height,
        first_out_of_order_line=_whole(backward["line"].min()),
        missing=events.null_count().drop("line").row(0, named=True),
        events_a_user=_quantiles(users),
        events_an_item=_quantiles(items),
        density=n_pairs / max(len(users) * len(items), 1),
        n_described_items=_height(table.item_table),
        n_described_users=_height(table.user_table),
        n_ties=_height(table.ties),
    )


def _types(events: pl.DataFrame) -> dict[str, TypeSummary]:
    """Describe each type, the most frequent first."""
    parts = events.partition_by("type", as_dict=True)
    ordered = sorted(parts.items(), key=lambda part: (-part[1].height, part[0]))
    return {str(name): _type(part) for (name,), part in ordered}


def _type(events: pl.DataFrame) -> TypeSummary:
    """Describe the events of one type."""
    values = events["value"].drop_nulls()
    limits = robust_limits(values)
    outliers = (
        events.clear() if limits is None else events.filter(~pl.col("value").is_between(*limits))
    )
    figures = events.select(
        low=pl.col("value").min(), middle=pl.col("value").median(), high=pl.col("value").max()
    )
    low, middle, high = figures.row(0)
    return TypeSummary(
        n_events=events.height,
        n_with_value=len(values),
        value_min=low,
        value_median=middle,
        value_max=high,
        n_outliers=outliers.height,
        first_outlier_line=_whole(outliers["line"].min()),
    )


def _counts(events: pl.DataFrame, column: str) -> pl.Series:
    """Count the events of each id."""
    return events.drop_nulls(column).group_by(column).len()["len"]


def _quantiles(counts: pl.Series) -> dict[str, float]:
    """Return the quantiles of counts, zeros of none."""
    return {name: counts.quantile(q, "nearest") or 0.0 for name, q in QUANTILES.items()}


def _whole(number: object) -> int | None:
    """Return a column's extreme as an int, None of an empty column."""
    return number if isinstance(number, int) else None


def _height(table: pl.DataFrame | None) -> int:
    """Count the rows of a table that may be absent."""
    return 0 if table is None else table.height
