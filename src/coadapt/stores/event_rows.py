"""Turn events into rows of the log, and rows into Arrow columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from operator import attrgetter
from typing import Any, Final

import msgspec
import pyarrow as pa

from coadapt.domain.errors import InvalidEventError
from coadapt.domain.events import Event
from coadapt.stores.base import EVENT_SCHEMA

BODY_FIELDS: Final = (
    "session_id",
    "host_id",
    "target_user_id",
    "quantity",
    "currency",
    "transaction_id",
    "text",
    "recommendation_id",
    "position",
    "context",
    "properties",
)
"""Fields without a column of their own: they travel in `body`."""

Row = tuple[Any, ...]

_N_MAPPINGS: Final = 2
_body_values = attrgetter(*BODY_FIELDS)
_EMPTY_BODY: Final[Row] = (*[None] * (len(BODY_FIELDS) - _N_MAPPINGS), *[{}] * _N_MAPPINGS)
_row_values = attrgetter(
    "project",
    "event_id",
    "type",
    "timestamp",
    "received_at",
    "user_id",
    "anonymous_id",
    "item_id",
    "value",
)
_TEXT_COLUMNS: Final = (0, 1, 2, 5, 6, 7, 10)
_TIME_COLUMNS: Final = (3, 4)
_VALUE_COLUMN: Final = 8
_MAX_INT64: Final = 2**63 - 1


def rows_of(events: Iterable[Event]) -> list[Row]:
    """Return each event's row but for its position: EVENT_SCHEMA's other columns and the digest.

    Raises InvalidEventError for what a database cannot hold as text.
    """
    rows = [(*_row_values(event), body_of(event), event.digest) for event in events]
    _check_text(rows)
    _check_numbers(rows)
    return rows


def body_of(event: Event) -> str | None:
    """Return the JSON text of the fields without a column, or None if none is set."""
    values = _body_values(event)
    if values == _EMPTY_BODY:
        return None
    named = {
        name: value
        for name, value in zip(BODY_FIELDS, values, strict=True)
        if value is not None and value != {}
    }
    try:
        return msgspec.json.encode(named).decode()
    except (TypeError, ValueError) as error:
        raise InvalidEventError(
            "context and properties must be JSON of well-formed Unicode", field="properties"
        ) from error


def record_batch(events: Sequence[Event], positions: Sequence[int]) -> pa.RecordBatch:
    """Return events as one EVENT_SCHEMA batch, as `scan` would once they stand at `positions`."""
    rows = rows_of(events)
    return to_batch([(place, *row[:-1]) for place, row in zip(positions, rows, strict=True)])


def to_batch(rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """Return rows in EVENT_SCHEMA's column order as one batch."""
    if not rows:
        return pa.RecordBatch.from_pylist([], schema=EVENT_SCHEMA)
    arrays = [
        pa.array(column, type=field.type)
        for column, field in zip(zip(*rows, strict=True), EVENT_SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=EVENT_SCHEMA)


def events_of(batch: pa.RecordBatch) -> Iterator[Event]:
    """Yield the events of a batch in EVENT_SCHEMA; their digests stay in the log."""
    for row in batch.to_pylist():
        del row["position"]
        body = row.pop("body")
        yield Event(**row, **(msgspec.json.decode(body) if body else {}))


def _check_text(rows: list[Row]) -> None:
    """Refuse NUL characters and lone surrogates, which PostgreSQL and UTF-8 cannot hold."""
    texts = "".join(row[column] or "" for row in rows for column in _TEXT_COLUMNS)
    is_storable = "\0" not in texts
    try:
        texts.encode()
    except UnicodeEncodeError:
        is_storable = False
    if not is_storable:
        raise InvalidEventError(
            "an event holds a NUL character or a lone surrogate; send well-formed Unicode"
        )


def _check_numbers(rows: list[Row]) -> None:
    """Refuse numbers beyond what 64 bits hold."""
    if any(abs(row[column]) > _MAX_INT64 for row in rows for column in _TIME_COLUMNS):
        raise InvalidEventError("a time is beyond 64 bits; send epoch ms", field="timestamp")
    try:
        is_finite = all(isfinite(row[_VALUE_COLUMN] or 0) for row in rows)
    except OverflowError:
        is_finite = False
    if not is_finite:
        raise InvalidEventError("must be a finite number", field="value")
