"""Turn batches of the log into streams that a live value model folds, in one currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.data.growing import GrowingVocabulary, UnnamedRows
from coadapt.data.stream import Stream


class _Body(msgspec.Struct):
    """Hold the fields of a stored body that a stream has columns for."""

    host_id: str | None = None
    quantity: float | None = None
    currency: str | None = None


_EMPTY: Final = _Body()
_decode = msgspec.json.Decoder(_Body).decode


@dataclass
class Exchange:
    """Convert values to one currency by the rates that a run recorded.

    Where the run names no currency, the first one that is met is the one.
    """

    base: str | None = None
    rates: Mapping[str, float] = field(default_factory=dict)

    def rate(self, currency: str | None) -> float:
        """Return what one unit is worth, NaN for a currency that cannot be converted."""
        if currency is None:
            return 1.0
        if self.base is None:
            self.base = currency
        return 1.0 if currency == self.base else self.rates.get(currency, np.nan)


class Streams:
    """Make streams whose rows of items, hosts and types stay the same from one to the next."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.items = GrowingVocabulary()
        self.hosts = GrowingVocabulary()
        self._types = GrowingVocabulary()

    def make(self, batch: pa.RecordBatch, users: IntArray, n_users: int) -> tuple[Stream, int]:
        """Return a batch of EVENT_SCHEMA whose people have these rows, and how many were refused.

        Refused are events with a value in a currency that cannot be converted.
        """
        texts = batch.column("body").to_pylist()
        bodies = [_EMPTY if text is None else _decode(text) for text in texts]
        values = _floats(batch.column("value"))
        is_sound, rates = self._rates(bodies, values)
        stream = Stream(
            users=users,
            items=self.items.add_all(batch.column("item_id").to_pylist()),
            hosts=self.hosts.add_all(body.host_id for body in bodies),
            types=self._types.add_all(batch.column("type").to_pylist()),
            times=batch.column("timestamp").to_numpy(),
            received=batch.column("received_at").to_numpy(),
            values=values * rates,
            quantities=np.array([_number(body.quantity) for body in bodies], np.float64),
            type_names=tuple(self._types.ids),
            user_ids=UnnamedRows(n_users),
            item_ids=self.items,
            host_ids=self.hosts,
        )
        n_refused = int(len(users) - is_sound.sum())
        return (stream.take(is_sound) if n_refused else stream), n_refused

    def names(self) -> dict[str, list[str]]:
        """Return the ids by what they number, and the currency."""
        base = self.exchange.base
        return {
            "items": list(self.items.ids),
            "hosts": list(self.hosts.ids),
            "types": list(self._types.ids),
            "currency": [] if base is None else [base],
        }

    def restore(self, names: Mapping[str, list[str]]) -> None:
        """Take over what `names` returned."""
        self.items = GrowingVocabulary(names["items"])
        self.hosts = GrowingVocabulary(names["hosts"])
        self._types = GrowingVocabulary(names["types"])
        self.exchange.base = next(iter(names["currency"]), None)

    def forget(self, identifier: str) -> None:
        """Take a person's id out of the names of hosts."""
        self.hosts.forget(identifier)

    def _rates(self, bodies: list[_Body], values: FloatArray) -> tuple[BoolArray, FloatArray]:
        """Return which events can be used, and what a unit of each one's value is worth."""
        has_value = np.isfinite(values)
        rates = np.ones(len(bodies))
        for row in np.flatnonzero(has_value).tolist():
            if bodies[row].currency is not None:
                rates[row] = self.exchange.rate(bodies[row].currency)
        return np.isfinite(rates), rates


def _floats(column: Any) -> FloatArray:
    """Return a column of numbers, NaN for null."""
    numbers: FloatArray = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return numbers


def _number(value: float | None) -> float:
    """Return a number, NaN for none."""
    return np.nan if value is None else value
