"""Read the event log as training data: the same events that serving folds into state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from coadapt.data.sources.base import SourceTable, no_bad_rows
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.events import is_interest

_COLUMNS = ["position", "type", "timestamp", "user_id", "anonymous_id", "item_id", "value", "body"]


@dataclass(frozen=True, slots=True)
class LogTable:
    """Hold what was read from the log and the positions it spans."""

    table: SourceTable
    first_position: int
    last_position: int


def table_from_log(batches: Iterable[pa.RecordBatch]) -> LogTable:
    """Gather events of interest, people under one id each, without those who opted out.

    An anonymous id that was ever seen with a user id counts as that user. Raises EmptyDataError.
    """
    parts = [_light(batch) for batch in batches]
    if not parts or not sum(len(part) for part in parts):
        raise EmptyDataError("the event log has no events; send some to POST /v1/events first")
    rows = _with_person(pl.concat(parts))
    types = rows["type"].unique()
    interest = [name for name in types if is_interest(name)]
    events = rows.filter(
        pl.col("type").is_in(interest)
        & pl.col("person").is_not_null()
        & ~pl.col("person").is_in(_opted_out(rows))
    ).select(
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
        item_table=_item_table(rows),
    )
    first, last = rows["position"].min(), rows["position"].max()
    return LogTable(table, int(str(first)), int(str(last)))


def _light(batch: pa.RecordBatch) -> pl.DataFrame:
    """Return the columns that matter; bodies of ordinary events are left out."""
    frame = pl.DataFrame(pl.from_arrow(batch)).select(_COLUMNS)
    read = pl.col("type").is_in(["$item", "$consent"])
    return frame.with_columns(body=pl.when(read).then("body"))


def _with_person(rows: pl.DataFrame) -> pl.DataFrame:
    """Add a `person` column: the user id, the linked user's, or the anonymous id."""
    links = (
        rows.filter(pl.col("user_id").is_not_null() & pl.col("anonymous_id").is_not_null())
        .group_by("anonymous_id", maintain_order=True)
        .agg(pl.col("user_id").last().alias("linked"))
    )
    person = pl.coalesce(
        "u:" + pl.col("user_id"), "u:" + pl.col("linked"), "a:" + pl.col("anonymous_id")
    )
    return rows.join(links, on="anonymous_id", how="left", maintain_order="left").with_columns(
        person=person
    )


def _opted_out(rows: pl.DataFrame) -> list[str]:
    """List the people whose last word on personalisation was no."""
    consents = rows.filter((pl.col("type") == "$consent") & pl.col("person").is_not_null())
    latest = consents.sort("timestamp", "position").unique("person", keep="last")
    return [
        person
        for person, body in latest.select("person", "body").iter_rows()
        if _properties(body).get("personalization") is False
    ]


def _item_table(rows: pl.DataFrame) -> pl.DataFrame | None:
    """Return the newest description of each item, its text attributes only."""
    described = rows.filter((pl.col("type") == "$item") & pl.col("item_id").is_not_null())
    if described.is_empty():
        return None
    latest = described.sort("timestamp", "position").unique("item_id", keep="last")
    attributes = [_properties(body) for body in latest["body"]]
    return latest.select("item_id").with_columns(
        title=pl.Series([_text(each.get("title")) for each in attributes], dtype=pl.String),
        category=pl.Series([_text(each.get("category")) for each in attributes], dtype=pl.String),
    )


def _properties(body: str | None) -> dict[str, Any]:
    """Return the properties of a stored body."""
    properties: dict[str, Any] = json.loads(body or "{}").get("properties") or {}
    return properties


def _text(value: object) -> str | None:
    """Return text, the first of a list, or nothing."""
    if isinstance(value, list):
        return _text(value[0]) if value else None
    return value if isinstance(value, str) else None
