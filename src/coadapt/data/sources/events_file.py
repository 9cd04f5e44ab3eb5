"""Read any CSV, TSV, JSON lines or Parquet file of events, told which column holds what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

import polars as pl
from pydantic import Field
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns, TimeUnit
from coadapt.data.sources._delimited import Layout, header_of, read_delimited
from coadapt.data.sources._files import LINE, REASON, first_lines
from coadapt.data.sources._json_lines import field_path, fields_in, first_objects, read_json_lines
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, collect_events
from coadapt.domain.errors import ConfigError, DataError
from coadapt.domain.progress import Progress, no_progress

__all__ = ["EventsFile", "EventsFileConfig"]

Format = Literal["csv", "jsonl", "parquet"]
SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
OPTIONAL = ("item_id", "type", "value", "currency", "quantity", "host_id")
PARTS = ("user_id", "timestamp", *OPTIONAL)


class EventsFileConfig(SourceConfig):
    """Map the columns of a file to the parts of an event.

    All but `user_id` and `timestamp` may be absent if they keep their default names; without a type
    column every event is of `constant_type`. An empty `timestamp` says that the file has no times
    and stands in order. `columns` names the columns of a file without a header. `type_names`
    renames types. `format` and `delimiter` are told by the file's name and first line if not given.
    """

    format: Format | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=4)] | None = None
    columns: tuple[str, ...] | None = None
    user_id: str = "user_id"
    item_id: str = "item_id"
    type: str = "type"
    timestamp: str = "timestamp"
    value: str = "value"
    currency: str = "currency"
    quantity: str = "quantity"
    host_id: str = "host_id"
    time_unit: TimeUnit = "auto"
    constant_type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = "page_view"
    type_names: dict[str, str] = Field(default_factory=dict)


class EventsFile(Source[EventsFileConfig]):
    """Read one file of events; without a mapping its columns bear the names of an event's parts."""

    Config = EventsFileConfig

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        kind = _format_of(path)
        if kind is None or not path.is_file():
            return False
        try:
            present = set(_names_at_start(kind, path))
        except DataError:
            return False
        return {"user_id", "timestamp"} <= present and bool({"item_id", "type"} & present)

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        if not path.is_file():
            raise DataError(f"{path} is not a file; name one file of events")
        kind = self.config.format or _format_of(path)
        if kind is None:
            known = ", ".join(SUFFIXES)
            raise ConfigError(f"{path}: set format, or use one of {known}", field="format")
        present, blocks = _READERS[kind](path, self.config)
        columns = self._event_columns(path, present)
        rows = collect_events(path, blocks(progress), columns)
        return SourceTable(
            name="events_file",
            events=rows.events,
            bad_rows=rows.bad_rows,
            n_rows_read=rows.n_rows_read,
            files=(path,),
            has_times=bool(self.config.timestamp),
        )

    def _event_columns(self, path: Path, present: tuple[str, ...]) -> EventColumns:
        """Return where each part of an event stands."""
        config = self.config
        wanted = {part: self._column(part, path, present) for part in PARTS}
        return EventColumns(
            user_id=wanted["user_id"],
            item_id=wanted["item_id"] or None,
            timestamp=wanted["timestamp"] or None,
            time_unit=config.time_unit,
            type=wanted["type"] or None,
            constant_type=config.constant_type,
            type_names=config.type_names,
            value=wanted["value"] or None,
            currency=wanted["currency"] or None,
            quantity=wanted["quantity"] or None,
            host_id=wanted["host_id"] or None,
            is_item_required=False,
        )

    def _column(self, part: str, path: Path, present: tuple[str, ...]) -> str:
        """Return the column of a part, or nothing. Raises ConfigError naming the part."""
        column: str = getattr(self.config, part)
        if column in present:
            return column
        is_default = part in OPTIONAL and part not in self.config.model_fields_set
        if is_default or (part == "timestamp" and not column):
            return ""
        raise ConfigError(
            f"{path} has no column for {part}; name it in the mapping: {part} = ...", field=part
        )


Blocks = Callable[[Progress], Iterator[pl.DataFrame]]
Reader = Callable[[Path, EventsFileConfig], tuple[tuple[str, ...], Blocks]]


def _format_of(path: Path) -> Format | None:
    """Return the format that a file's name tells."""
    return SUFFIXES.get(Path(path.name.removesuffix(".gz")).suffix.lower())


def _csv(path: Path, config: EventsFileConfig) -> tuple[tuple[str, ...], Blocks]:
    """Return the columns of delimited text and how to read it."""
    delimiter = config.delimiter or _delimiter_of(path)
    columns = config.columns or header_of(path, delimiter)
    if len(set(columns)) != len(columns):
        raise DataError(f"{path}, line 1: two columns have the same name; rename one")
    layout = Layout(columns, delimiter, has_header=config.columns is None, is_quoted=True)
    return columns, lambda progress: read_delimited(path, layout, progress)


def _jsonl(path: Path, config: EventsFileConfig) -> tuple[tuple[str, ...], Blocks]:
    """Return the fields of JSON lines and how to read them; each stands in some line."""
    at_start = _names_at_start("jsonl", path)
    wanted = {getattr(config, part): None for part in PARTS}
    later = fields_in(path, [name for name in wanted if name and name not in at_start])
    present = (*at_start, *later)
    paths = {name: field_path(name) for name in present if name in wanted}
    return present, lambda progress: read_json_lines(path, paths, progress)


def _names_at_start(kind: Format, path: Path) -> tuple[str, ...]:
    """Return the columns that a look at the beginning of a file finds. Raises DataError."""
    if kind == "jsonl":
        return tuple({name: None for found in first_objects(path) for name in found})
    return _READERS[kind](path, EventsFileConfig())[0]


def _parquet(path: Path, _config: EventsFileConfig) -> tuple[tuple[str, ...], Blocks]:
    """Return the columns of a Parquet file and how to read it; rows are numbered from 1."""
    try:
        present = tuple(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path} is not a Parquet file or is cut off; fetch it again") from error

    def blocks(progress: Progress) -> Iterator[pl.DataFrame]:
        """Yield the whole file."""
        frame = pl.read_parquet(path)
        progress(frame.height, frame.height, f"reading {path.name}")
        numbers = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
        yield frame.with_columns(numbers.alias(LINE), pl.lit(None, pl.String).alias(REASON))

    return present, blocks


def _delimiter_of(path: Path) -> str:
    """Return the separator that the first line holds most often."""
    start = first_lines(path, 1)
    return max(",\t;|", key=start[0].count) if start else ","


_READERS: Final[dict[Format, Reader]] = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
