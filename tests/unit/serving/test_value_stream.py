"""Batches of the log become streams in one currency."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coadapt.data.stream import Stream
from coadapt.serving.value_stream import Exchange, Streams
from coadapt.stores.event_rows import record_batch
from coadapt.testing.stores import make_event


@pytest.fixture
def streams() -> Streams:
    return Streams(Exchange("EUR", {"EUR": 1.0, "USD": 0.5}))


def make(streams: Streams, *bodies: dict[str, Any]) -> tuple[Stream, int]:
    events = [make_event(f"e{place}", **body) for place, body in enumerate(bodies)]
    rows = np.arange(len(events))
    return streams.make(record_batch(events, range(1, len(events) + 1)), rows, len(events))


def test_rows_stay_the_same_from_one_batch_to_the_next(streams: Streams) -> None:
    first, _ = make(streams, {"item_id": "tea", "host_id": "h"}, {"item_id": None})
    second, _ = make(streams, {"item_id": "pot", "host_id": "i"}, {"item_id": "tea"})
    assert (first.items.tolist(), second.items.tolist()) == ([0, -1], [1, 0])
    assert (first.hosts.tolist(), second.hosts.tolist()) == ([0, -1], [1, -1])
    assert (second.n_items, second.n_users) == (2, 2)


def test_values_are_converted(streams: Streams) -> None:
    spent = [{"value": 10.0, "currency": name} for name in ("EUR", "USD", None)]
    stream, n_refused = make(streams, *spent, {"value": None})
    np.testing.assert_array_equal(stream.values, [10.0, 5.0, 10.0, np.nan])
    assert n_refused == 0


def test_a_value_that_cannot_be_converted_is_refused(streams: Streams) -> None:
    stream, n_refused = make(streams, {"value": 1.0, "currency": "XXX"}, {"value": 2.0})
    assert (stream.values.tolist(), stream.users.tolist(), n_refused) == ([2.0], [1], 1)


def test_without_a_value_any_currency_will_do(streams: Streams) -> None:
    _, n_refused = make(streams, {"value": None, "currency": "XXX"})
    assert n_refused == 0


def test_where_no_currency_is_named_the_first_is_the_one() -> None:
    streams = Streams(Exchange())
    _, n_refused = make(streams, *({"value": 1.0, "currency": name} for name in ("CNY", "EUR")))
    assert (streams.exchange.base, n_refused) == ("CNY", 1)


def test_names_bring_rows_back(streams: Streams) -> None:
    make(streams, {"item_id": "tea", "host_id": "h"})
    again = Streams(Exchange())
    again.restore(streams.names())
    assert (again.items.row("tea"), again.hosts.row("h"), again.exchange.base) == (0, 0, "EUR")


def test_a_forgotten_host_is_in_no_name(streams: Streams) -> None:
    make(streams, {"host_id": "anna", "item_id": "anna"})
    streams.forget("anna")
    names = streams.names()
    assert ("anna" in names["hosts"], names["items"]) == (False, ["anna"])
