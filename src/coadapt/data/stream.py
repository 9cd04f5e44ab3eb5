"""Hold many people's events in the order of the log, for what is folded event by event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import polars as pl

from coadapt.data._fingerprint import fingerprint_of
from coadapt.data._numbering import number_texts
from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.data.dataset import Vocabulary
from coadapt.domain.errors import DataError


@dataclass(frozen=True)
class Stream:
    """Keep events as columns of equal length in log order, that is by (`received`, sequence).

    `users`, `items`, `hosts` are rows of the vocabularies (-1: none; every event has a user),
    `types` rows of `type_names`. `times` are the events' own, `received` the log's, both epoch ms;
    an event may come late (`times` < `received`) or from a clock that is ahead. `values` are totals
    in one currency, `quantities` pieces, both NaN where absent.
    """

    users: IntArray
    items: IntArray
    hosts: IntArray
    types: IntArray
    times: IntArray
    received: IntArray
    values: FloatArray
    quantities: FloatArray
    type_names: tuple[str, ...]
    user_ids: Vocabulary
    item_ids: Vocabulary
    host_ids: Vocabulary

    @classmethod
    def from_frame(cls, events: pl.DataFrame, rates: Mapping[str, float] | None = None) -> Stream:
        """Build from columns `user_id`, `type` and `timestamp` (ms), sorted here by arrival.

        `item_id`, `host_id`, `value`, `quantity`, `received_at` (ms, by default the timestamp) and
        `currency` may be absent. `rates` gives what one unit of a currency is worth in the one that
        all values are converted to. Raises DataError for a row without a user, and for mixed
        currencies or one without a rate.
        """
        if events["user_id"].null_count():
            raise DataError("every row of a stream needs a user_id")
        events = _with_every_column(events).with_columns(value=_in_one_currency(events, rates))
        events = events.sort("received_at", maintain_order=True)
        users, user_ids = number_texts(events["user_id"])
        types, type_names = number_texts(events["type"])
        items, item_ids = number_texts(events["item_id"])
        hosts, host_ids = number_texts(events["host_id"])
        return cls(
            users=users,
            items=items,
            hosts=hosts,
            types=types,
            times=events["timestamp"].cast(pl.Int64).to_numpy(),
            received=events["received_at"].cast(pl.Int64).to_numpy(),
            values=events["value"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
            quantities=events["quantity"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
            type_names=tuple(type_names),
            user_ids=Vocabulary(user_ids),
            item_ids=Vocabulary(item_ids),
            host_ids=Vocabulary(host_ids),
        )

    def __len__(self) -> int:
        return len(self.users)

    @property
    def n_users(self) -> int:
        """Count the users, also those without an event in this part."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """Count the items, also those without an event in this part."""
        return len(self.item_ids)

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the columns and item ids in hex; the same data gives the same."""
        columns = (self.users, self.items, self.types, self.times, self.received, self.values)
        return fingerprint_of(columns, (*self.type_names, *self.item_ids.ids))

    def take(self, index: IntArray | BoolArray | slice) -> Stream:
        """Return these events; vocabularies stay as they are."""
        columns = {
            column.name: getattr(self, column.name)[index]
            for column in fields(self)
            if isinstance(getattr(self, column.name), np.ndarray)
        }
        return replace(self, **columns)

    def known_at(self, as_of: int) -> Stream:
        """Return the events that had happened and arrived by an instant (epoch ms, inclusive)."""
        return self.take((self.times <= as_of) & (self.received <= as_of))

    def before(self, instant: int) -> Stream:
        """Return the events that had happened and arrived before an instant (epoch ms)."""
        return self.known_at(instant - 1)

    def batches(self, n_events: int) -> Iterator[Stream]:
        """Yield the events in parts of at most `n_events`, in log order."""
        for start in range(0, len(self), n_events):
            yield self.take(slice(start, start + n_events))


def _with_every_column(events: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with each optional column, null where it was absent."""
    defaults = {
        "item_id": pl.lit(None, pl.String),
        "host_id": pl.lit(None, pl.String),
        "value": pl.lit(None, pl.Float64),
        "quantity": pl.lit(None, pl.Float64),
        "received_at": pl.col("timestamp"),
    }
    absent = {name: value for name, value in defaults.items() if name not in events.columns}
    return events.with_columns(**absent)


def _in_one_currency(
    events: pl.DataFrame, rates: Mapping[str, float] | None
) -> pl.Expr | pl.Series:
    """Return the values in one currency. Raises DataError where they cannot be."""
    value = events["value"] if "value" in events.columns else pl.lit(None, pl.Float64)
    if "currency" not in events.columns or isinstance(value, pl.Expr):
        return value
    used = events.filter(pl.col("value").is_not_null())["currency"].drop_nulls().unique().sort()
    if rates is None:
        if len(used) > 1:
            names = ", ".join(used)
            raise DataError(f"values are in several currencies ({names}); give a table of rates")
        return value
    unknown = [name for name in used if name not in rates]
    if unknown:
        raise DataError(f"the table of rates has none for {', '.join(unknown)}")
    rate = events["currency"].replace_strict(dict(rates), default=1.0, return_dtype=pl.Float64)
    return value * rate
