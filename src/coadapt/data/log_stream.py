"""Read the event log as a stream: everything people did, in the order in which it arrived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa

from coadapt.data._log_people import gathered, newer, opted_out, with_person
from coadapt.domain.errors import EmptyDataError

_COLUMNS: Final = [
    "position",
    "type",
    "timestamp",
    "received_at",
    "user_id",
    "anonymous_id",
    "item_id",
    "value",
    "body",
]
_OF_BODY: Final = {"host_id": pl.String, "currency": pl.String, "quantity": pl.Float64}
"""Fields of an event that stand in `body`, and what they are read as."""


@dataclass(frozen=True, slots=True)
class LogStream:
    """Hold the columns of a stream and the log positions they were read between."""

    events: pl.DataFrame
    first_position: int
    last_position: int


def stream_from_log(batches: Iterable[pa.RecordBatch], *, after: int = 0) -> LogStream:
    """Gather what people did, under one id each, without those who opted out.

    Only events after a position count; who is who and who opted out is read from the whole log.
    Raises EmptyDataError.
    """
    rows = with_person(gathered([_light(batch) for batch in batches]))
    is_behaviour = ~pl.col("type").str.starts_with("$")
    is_theirs = pl.col("person").is_not_null() & ~pl.col("person").is_in(opted_out(rows))
    rows = newer(rows, after)
    events = rows.filter(is_behaviour & is_theirs).select(
        pl.col("person").alias("user_id"),
        "item_id",
        "type",
        "timestamp",
        "received_at",
        "value",
        "position",
        *(
            pl.col("body").str.json_path_match(f"$.{name}").cast(kind).alias(name)
            for name, kind in _OF_BODY.items()
        ),
    )
    if events.is_empty():
        raise EmptyDataError("nobody did anything in this part of the event log")
    first, last = rows["position"].min(), rows["position"].max()
    return LogStream(events, int(str(first)), int(str(last)))


def _light(batch: pa.RecordBatch) -> pl.DataFrame:
    """Return the columns that matter; bodies that describe items and answers are left out."""
    frame = pl.DataFrame(pl.from_arrow(batch)).select(_COLUMNS)
    is_read = ~pl.col("type").str.starts_with("$") | (pl.col("type") == "$consent")
    return frame.with_columns(body=pl.when(is_read).then("body"))
