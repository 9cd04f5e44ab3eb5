"""Read what a value model learns from: everything people did, in one currency."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from coadapt.data.log_stream import stream_from_log
from coadapt.data.stream import Stream
from coadapt.domain.errors import ConfigError, DataError
from coadapt.training.preparing import Surroundings
from coadapt.training.reading import opened_log, read_data
from coadapt.training.value_config import ValueRunConfig


@dataclass(frozen=True)
class StreamReading:
    """Hold a stream, where it came from, and the currency of its values (None: nowhere said)."""

    name: str
    stream: Stream
    currency: str | None
    n_bad_rows: int = 0
    first_position: int | None = None
    last_position: int | None = None


def read_stream(config: ValueRunConfig, around: Surroundings) -> StreamReading:
    """Read the data a config names. Raises DataError, ConfigError, EmptyDataError."""
    if config.data.source == "log":
        with opened_log(config.data) as batches:
            log = stream_from_log(batches, after=config.data.after)
        return replace(
            _reading(config, "log", log.events),
            first_position=log.first_position,
            last_position=log.last_position,
        )
    table = read_data(config.data, around.data_root, around.progress).table
    if not table.has_times:
        raise DataError(f"{table.name} knows no times, and a forecast is of a time")
    return replace(_reading(config, table.name, table.events), n_bad_rows=len(table.bad_rows))


def _reading(config: ValueRunConfig, name: str, events: pl.DataFrame) -> StreamReading:
    """Return events as a stream whose values are all of one currency."""
    if config.cutoffs.clock == "event":
        events = events.with_columns(received_at="timestamp")
    currency = _currency(config, events)
    stream = Stream.from_frame(events, config.currencies.rates or None)
    return StreamReading(name, stream, currency)


def _currency(config: ValueRunConfig, events: pl.DataFrame) -> str | None:
    """Return the currency that all values will be of. Raises DataError, ConfigError."""
    named = config.currencies.named_base()
    if "currency" not in events.columns or config.currencies.rates:
        return named
    used = events.filter(pl.col("value").is_not_null())["currency"].drop_nulls().unique().to_list()
    if len(used) > 1:
        names = ", ".join(sorted(used))
        raise DataError(
            f"values are in several currencies ({names}); say what each is worth: "
            "[currencies] rates = { USD = 1.0, ... }"
        )
    if named is not None and used not in ([], [named]):
        raise ConfigError(f"values are in {used[0]}, not in {named}", field="currencies.base")
    return named or next(iter(used), None)
