"""State what every source does: read a published data set as columns, with every bad row named."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from coadapt.data.sources._checks import (
    BAD_ROW_SCHEMA,
    EventColumns,
    bad_rows,
    checked_events,
)
from coadapt.data.sources._delimited import Layout, read_delimited
from coadapt.data.sources._files import LINE, REASON, check_text
from coadapt.domain.errors import ConfigError, DataError
from coadapt.domain.progress import Progress, no_progress
from coadapt.plugins import load_plugin, plugin_modules

KIND = "data/sources"


class SourceConfig(BaseModel):
    """Hold a source's options; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=SourceConfig)


@dataclass(frozen=True)
class SourceTable:
    """Hold what was read.

    `events` has `user_id`, `item_id` (null: an event without an item), `type`, `timestamp` (epoch
    ms), `value` (null: none) and `line` in file order; `bad_rows` has `file`, `line` and `reason`.
    `item_table` and `user_table` have one row an id, `ties` has `user_id` and `target_user_id`.
    Without `has_times` the file knows no times, and line numbers stand for them.
    """

    name: str
    events: pl.DataFrame
    bad_rows: pl.DataFrame
    n_rows_read: int
    files: tuple[Path, ...]
    item_table: pl.DataFrame | None = None
    user_table: pl.DataFrame | None = None
    ties: pl.DataFrame | None = None
    has_times: bool = True


class Source(ABC, Generic[ConfigT]):
    """Read one data set or file format, plain or gzipped. `Config` names its options' class."""

    Config: ClassVar[type[SourceConfig]] = SourceConfig

    def __init__(self, config: ConfigT) -> None:
        self.config = config

    @classmethod
    @abstractmethod
    def matches(cls, path: Path) -> bool:
        """Tell by names and first lines whether a file or folder is of this source."""

    @abstractmethod
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        """Read a file or the folder of a data set.

        Raises DataError for one that is not what it claims to be, EmptyDataError for an empty one.
        """


def source_names() -> list[str]:
    """Return the names of the sources there are."""
    return list(plugin_modules(KIND))


def make_source(name: str, options: Mapping[str, Any] | None = None) -> Source[Any]:
    """Construct a source by name. Raises UnknownPluginError, and ConfigError naming the option."""
    plugin: type[Source[Any]] = load_plugin(KIND, name)
    try:
        return plugin(plugin.Config.model_validate(dict(options or {})))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        option = ".".join(str(part) for part in first["loc"])
        message = f"source {name}, option {option}: {first['msg']}"
        raise ConfigError(message, field=option) from error


def detect_source(path: Path) -> str:
    """Return the name of the one source that a file or folder is of."""
    if not path.exists():
        raise DataError(f"{path} does not exist; check the path")
    names = [name for name in source_names() if load_plugin(KIND, name).matches(path)]
    if len(names) == 1:
        return names[0]
    if path.is_file():
        check_text(path)
    known = ", ".join(names or source_names())
    found = "could be of several sources" if names else "is of no known form"
    raise DataError(f"{path} {found}; name one of: {known}")


@dataclass(frozen=True)
class EventRows:
    """Hold the events and bad rows of one file and how many rows it had."""

    events: pl.DataFrame
    bad_rows: pl.DataFrame
    n_rows_read: int


def read_events(
    path: Path, layout: Layout, columns: EventColumns, progress: Progress = no_progress
) -> EventRows:
    """Read a delimited file of events, block by block."""
    return collect_events(path, read_delimited(path, layout, progress), columns)


def collect_events(path: Path, blocks: Iterable[pl.DataFrame], columns: EventColumns) -> EventRows:
    """Check blocks of a file's columns.

    Raises DataError where not one row is an event, or a column is of a type that cannot be read.
    """
    try:
        parts = [checked_events(block, columns, path.name) for block in blocks]
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{path}: a column is neither text, numbers nor times: {error}") from error
    events = pl.concat([part[0] for part in parts])
    bad = pl.concat([part[1] for part in parts])
    if events.is_empty():
        first = bad.row(0, named=True) if len(bad) else {"line": 1, "reason": "nothing follows it"}
        raise DataError(
            f"{path}: not one row is an event; line {first['line']}: {first['reason']}; "
            "name another source or a mapping"
        )
    return EventRows(events, bad, len(events) + len(bad))


def read_attributes(path: Path, layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read a delimited file of attributes as text columns and the bad rows of it."""
    frame = pl.concat(list(read_delimited(path, layout)))
    good = frame.filter(pl.col(REASON).is_null()).drop(REASON, LINE)
    return good, bad_rows(frame, path.name)


def no_bad_rows() -> pl.DataFrame:
    """Return no bad rows, with the columns that bad rows have."""
    return pl.DataFrame(schema=BAD_ROW_SCHEMA)
