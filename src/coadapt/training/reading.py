"""Read what a RunConfig learns from: files through a source, or the event log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from coadapt.data.log import table_from_log
from coadapt.data.sources.base import SourceTable, detect_source, make_source
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress
from coadapt.stores.reader import LogReader
from coadapt.training.config import DataConfig

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold a table and, for the log, the first and last position in it."""

    table: SourceTable
    first_position: int | None = None
    last_position: int | None = None


def read_data(config: DataConfig, data_root: Path | None, progress: Progress) -> Reading:
    """Read the data a config names. Raises DataError, ConfigError, EmptyDataError."""
    if config.source == "log":
        return _read_log(config)
    if config.source == "synthetic":
        return Reading(make_source("synthetic", config.options).read(Path(), progress))
    path = _find(config.path, data_root)
    name = detect_source(path) if config.source == "auto" else config.source
    table = make_source(name, config.options).read(path, progress)
    if len(table.bad_rows):
        _logger.warning(
            "%s: %s of %s rows could not be read; `coadapt data validate` says which and why",
            path,
            f"{len(table.bad_rows):,}",
            f"{table.n_rows_read:,}",
        )
    return Reading(table)


def _read_log(config: DataConfig) -> Reading:
    """Read one project's events of interest between two positions of a store that exists."""
    with opened_log(config) as batches:
        log = table_from_log(batches, after=config.after)
    return Reading(log.table, log.first_position, log.last_position)


@contextmanager
def opened_log(config: DataConfig) -> Iterator[Iterator[pa.RecordBatch]]:
    """Lend the batches of one project, up to a position, of a store that exists.

    They begin with the log: who `config.after` leaves out may have said who they are, or no.
    Raises DataError.
    """
    with _open_reader(config) as store:
        yield store.scan(until=config.until, project=config.project)


def newest_position(config: DataConfig) -> int:
    """Return where the log of a config ends now. Raises DataError."""
    with _open_reader(config) as store:
        return store.last_position()


@contextmanager
def _open_reader(config: DataConfig) -> Iterator[LogReader]:
    """Lend a store that exists. Raises DataError."""
    file = config.path.removeprefix("sqlite:///")
    if file != config.path and not Path(file).exists():
        raise DataError(f"{file}: there is no event log; name the one of the service by --data")
    store = LogReader(config.path)
    try:
        yield store
    finally:
        store.close()


def _find(path: str, data_root: Path | None) -> Path:
    """Return a path, looked up under the data folder when it is relative and not here."""
    here = Path(path).expanduser()
    candidates = [here] if data_root is None or here.is_absolute() else [here, data_root / here]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    places = " or ".join(map(str, candidates))
    raise DataError(f"no such file or folder: {places}; name it by --data or set COADAPT_DATA")
