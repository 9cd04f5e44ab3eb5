"""Turn text columns into typed events and give a reason for every row that is not one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from coadapt.data.sources._files import LINE, REASON

TimeUnit = Literal["s", "ms", "us", "iso", "auto"]

EARLIEST_MS = 631_152_000_000
LATEST_MS = 4_102_444_800_000
ID_MAX_CHARACTERS = 256
EVENT_SCHEMA = {
    "user_id": pl.String,
    "item_id": pl.String,
    "type": pl.String,
    "timestamp": pl.Int64,
    "value": pl.Float64,
    "line": pl.Int64,
}
BAD_ROW_SCHEMA = {"file": pl.String, "line": pl.Int64, "reason": pl.String}

_MS_PER = {"s": 1000.0, "ms": 1.0, "us": 0.001}
_TYPE_PATTERN = r"^[$]?[a-z][a-z0-9_]{0,63}$"


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Say which column of a file holds which part of an event.

    `type` names a column, or none and `constant_type` holds for all. `type_names` renames what
    stands there; with `is_closed` any other word makes a bad row. `timestamp` None: the file's
    order is the only time there is, and its line numbers stand for it. `auto` tells seconds,
    milliseconds and microseconds apart by size, safely from 1990 to 2100, and from ISO 8601.
    `value_types` limits which events carry the value. `currency`, `quantity` and `host_id` are kept
    under these names where a column is named, `extra` columns as they are.
    """

    user_id: str
    item_id: str | None
    timestamp: str | None
    time_unit: TimeUnit = "s"
    type: str | None = None
    constant_type: str = "page_view"
    type_names: Mapping[str, str] = field(default_factory=dict)
    is_closed: bool = False
    value: str | None = None
    value_types: tuple[str, ...] = ()
    currency: str | None = None
    quantity: str | None = None
    host_id: str | None = None
    is_item_required: bool = True
    extra: tuple[str, ...] = ()

    def numbers(self) -> dict[str, str | None]:
        """Return the columns that must hold numbers where they hold anything."""
        return {"value": self.value} | ({"quantity": self.quantity} if self.quantity else {})

    def texts(self) -> dict[str, str]:
        """Return the optional columns of text that are named."""
        named = {"currency": self.currency, "host_id": self.host_id}
        return {name: column for name, column in named.items() if column is not None}


def checked_events(
    frame: pl.DataFrame, columns: EventColumns, file: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (events, bad rows) of a block with LINE and REASON."""
    typed = frame.select(
        pl.col(LINE),
        pl.col(REASON),
        _text(columns.user_id).alias("user_id"),
        _text(columns.item_id).alias("item_id"),
        _event_type(columns).alias("type"),
        _milliseconds(frame, columns).alias("timestamp"),
        *(_number(column).alias(name) for name, column in columns.numbers().items()),
        *(
            _text(column).is_not_null().alias(f"has_{name}")
            for name, column in columns.numbers().items()
        ),
        *(_text(column).alias(name) for name, column in columns.texts().items()),
        *columns.extra,
    )
    typed = typed.with_columns(pl.coalesce(REASON, *_reasons(columns)).alias(REASON))
    good = typed.filter(pl.col(REASON).is_null()).rename({LINE: "line"})
    if columns.value_types:
        carries = pl.col("type").is_in(columns.value_types)
        good = good.with_columns(value=pl.when(carries).then("value"))
    optional = [name for name in (*columns.numbers(), *columns.texts()) if name != "value"]
    return good.select(*EVENT_SCHEMA, *optional, *columns.extra), bad_rows(typed, file)


def bad_rows(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """Return file, line and reason of the rows that have a reason."""
    bad = frame.filter(pl.col(REASON).is_not_null())
    return bad.select(pl.lit(file).alias("file"), line=LINE, reason=REASON)


def _text(column: str | None) -> pl.Expr:
    """Return a column as text, null where it is empty."""
    if column is None:
        return pl.lit(None, pl.String)
    text = pl.col(column).cast(pl.String)
    return pl.when(text != "").then(text)


def _number(column: str | None) -> pl.Expr:
    """Return a column as numbers, null where it is not one."""
    return _text(column).str.strip_chars(" ").cast(pl.Float64, strict=False)


def _event_type(columns: EventColumns) -> pl.Expr:
    """Return the type under our names, null where a closed list does not know it."""
    if columns.type is None:
        return pl.lit(columns.constant_type)
    found = _text(columns.type)
    if columns.is_closed:
        return found.replace_strict(dict(columns.type_names), default=None)
    return found.replace(dict(columns.type_names))


def _milliseconds(frame: pl.DataFrame, columns: EventColumns) -> pl.Expr:
    """Return times as epoch milliseconds, null where they are not times or out of range."""
    if columns.timestamp is None:
        return pl.col(LINE)
    column = pl.col(columns.timestamp)
    dtype = frame.schema[columns.timestamp]
    if dtype.is_temporal():
        time = column.cast(pl.Datetime("ms")).dt.epoch("ms")
    elif columns.time_unit == "iso":
        time = _iso(_text(columns.timestamp))
    elif columns.time_unit == "auto":
        scaled = [_scaled(columns.timestamp, ms_per_unit) for ms_per_unit in _MS_PER.values()]
        time = pl.coalesce(*scaled, _iso(_text(columns.timestamp)))
    else:
        time = _scaled(columns.timestamp, _MS_PER[columns.time_unit])
    return pl.when(time.is_between(EARLIEST_MS, LATEST_MS)).then(time)


def _scaled(column: str, ms_per_unit: float) -> pl.Expr:
    """Return numbers in another unit as milliseconds, null where out of range."""
    number = _number(column) * ms_per_unit
    return pl.when(number.is_between(EARLIEST_MS, LATEST_MS)).then(number.round()).cast(pl.Int64)


def _iso(text: pl.Expr) -> pl.Expr:
    """Parse ISO 8601 in its common spellings; a time without an offset is UTC."""
    text = text.str.strip_chars(" ").str.replace(r" ?(UTC|GMT)$", "Z")
    text = text.str.replace(r"^(\d{4}-\d\d-\d\d)$", "${1}T00:00:00Z")
    text = text.str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T")
    text = text.str.replace(r"T(\d\d:\d\d)(Z|[+-]|$)", "T${1}:00${2}")
    text = text.str.replace(r"(T\d\d:\d\d:\d\d(?:\.\d+)?)$", "${1}Z")
    return text.str.to_datetime("%+", time_unit="ms", strict=False).dt.epoch("ms")


def _reasons(columns: EventColumns) -> list[pl.Expr]:
    """Return what can be wrong with a row, most basic first."""
    reasons = [
        pl.when(pl.col("user_id").is_null()).then(pl.lit("no user id")),
        *_id_reasons("user_id", "user id"),
        *_id_reasons("item_id", "item id"),
        pl.when(pl.col("type").is_null()).then(pl.lit("no known event type")),
        pl.when(~pl.col("type").str.contains(_TYPE_PATTERN)).then(pl.lit("invalid event type")),
        pl.when(pl.col("timestamp").is_null()).then(
            pl.lit("timestamp is not a time between 1990 and 2100")
        ),
    ]
    for name in columns.numbers():
        number, is_there = pl.col(name), pl.col(f"has_{name}")
        reasons += [
            pl.when(is_there & number.is_null()).then(pl.lit(f"{name} is not a number")),
            pl.when(~number.is_finite()).then(pl.lit(f"{name} is not finite")),
        ]
    if columns.host_id is not None:
        reasons += _id_reasons("host_id", "host id")
    if columns.is_item_required:
        reasons.insert(0, pl.when(pl.col("item_id").is_null()).then(pl.lit("no item id")))
    return reasons


def _id_reasons(column: str, name: str) -> list[pl.Expr]:
    """Return what can be wrong with an id that is there."""
    text = pl.col(column)
    too_long = text.str.len_chars() > ID_MAX_CHARACTERS
    return [
        pl.when(too_long).then(pl.lit(f"{name} is longer than {ID_MAX_CHARACTERS} characters")),
        pl.when(text.str.contains(r"\p{Cc}")).then(pl.lit(f"{name} holds a control character")),
        pl.when(text.str.contains("\ufffd", literal=True)).then(
            pl.lit(f"{name} is not well-formed text")
        ),
    ]
