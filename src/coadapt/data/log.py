"""Read the event log as training data: the same events that serving folds into state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from coadapt.data._log_people import gathered, newer, opted_out, properties_of, with_person
from coadapt.data.dataset import Vocabulary
from coadapt.data.sources.base import SourceTable, no_bad_rows
from coadapt.domain.events import is_interest

_COLUMNS = ["position", "type", "timestamp", "user_id", "anonymous_id", "item_id", "value", "body"]


@dataclass(frozen=True, slots=True)
class LogTable:
    """Hold what was read from the log and the positions it spans."""

    table: SourceTable
    first_position: int
    last_position: int


def table_from_log(batches: Iterable[pa.RecordBatch], *, after: int = 0) -> LogTable:
    """Gather events of interest, people under one id each, without those who opted out.

    Only events after a position count; who is who, who opted out and what items are is read from
    the whole log. Raises EmptyDataError.
    """
    rows = with_person(gathered([_light(batch) for batch in batches]))
    types = rows["type"].unique()
    interest = [name for name in types if is_interest(name)]
    is_theirs = pl.col("person").is_not_null() & ~pl.col("person").is_in(opted_out(rows))
    item_table = _item_table(rows)
    rows = newer(rows, after)
    events = rows.filter(pl.col("type").is_in(interest) & is_theirs).select(
        pl.col("person").alias("user_id"),
        "item_id",
        "type",
        "timestamp",
        "value",
        pl.col("position").alias("line"),
    )
    table = SourceTable(
        name="log",
        events=events,
        bad_rows=no_bad_rows(),
        n_rows_read=len(rows),
        files=(),
        item_table=item_table,
    )
    first, last = rows["position"].min(), rows["position"].max()
    return LogTable(table, int(str(first)), int(str(last)))


def row_of_person(ids: Vocabulary, person: str) -> int:
    """Return the row of an id as it was sent, -1 where there is none.

    Data of a log know users and visitors apart by what their ids begin with, data of files do not.
    """
    rows = (ids.row(f"{kind}{person}") for kind in ("", "u:", "a:"))
    return next((row for row in rows if row >= 0), -1)


def _light(batch: pa.RecordBatch) -> pl.DataFrame:
    """Return the columns that matter; bodies of ordinary events are left out."""
    frame = pl.DataFrame(pl.from_arrow(batch)).select(_COLUMNS)
    read = pl.col("type").is_in(["$item", "$consent"])
    return frame.with_columns(body=pl.when(read).then("body"))


def _item_table(rows: pl.DataFrame) -> pl.DataFrame | None:
    """Return the newest description of each item, its text attributes only."""
    described = rows.filter((pl.col("type") == "$item") & pl.col("item_id").is_not_null())
    if described.is_empty():
        return None
    latest = described.sort("timestamp", "position").unique("item_id", keep="last")
    attributes = [properties_of(body) for body in latest["body"]]
    return latest.select("item_id").with_columns(
        title=pl.Series([_text(each.get("title")) for each in attributes], dtype=pl.String),
        category=pl.Series([_text(each.get("category")) for each in attributes], dtype=pl.String),
    )


def _text(value: object) -> str | None:
    """Return text, the first of a list, or nothing."""
    if isinstance(value, list):
        return _text(value[0]) if value else None
    return value if isinstance(value, str) else None
