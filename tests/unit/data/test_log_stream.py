"""The log becomes a stream of everything that people did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

from coadapt.data.log_stream import LogStream, stream_from_log
from coadapt.domain.catalogue import consent_event
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import append, make_event

Read = Callable[..., LogStream]


@pytest.fixture
def store() -> Iterator[SqlEventStore]:
    store = SqlEventStore("sqlite://")
    yield store
    store.close()


@pytest.fixture
def read(store: SqlEventStore) -> Read:
    """Append events and read the log."""

    def read(*events: Any) -> LogStream:
        append(store, *events)
        return stream_from_log(store.scan())

    return read


def columns(log: LogStream, *names: str) -> list[tuple[Any, ...]]:
    return log.events.select(names).rows()


def test_events_without_an_item_are_read_too(read: Read) -> None:
    log = read(make_event("a", type="session_end", item_id=None, timestamp=5))
    assert columns(log, "type", "item_id") == [("session_end", None)]


def test_money_and_hosts_are_read_from_the_body(read: Read) -> None:
    sent = {"host_id": 'h"1', "currency": "EUR", "quantity": 2.0, "value": 9.5}
    log = read(make_event("a", **sent, properties={"currency": "no"}), make_event("b"))
    found = columns(log, "host_id", "currency", "quantity", "value")
    assert found == [('h"1', "EUR", 2.0, 9.5), (None, None, None, None)]


def test_arrival_and_own_time_are_told_apart(read: Read) -> None:
    log = read(make_event("a", timestamp=5, received_at=9))
    assert columns(log, "timestamp", "received_at") == [(5, 9)]


def test_a_visitor_who_is_known_later_is_one_person(read: Read) -> None:
    visit = make_event("a", user_id=None, anonymous_id="v")
    log = read(visit, make_event("b", user_id="ann", anonymous_id="v"))
    assert log.events["user_id"].to_list() == ["u:ann", "u:ann"]


def test_who_opted_out_is_left_out(store: SqlEventStore, read: Read) -> None:
    arrival = Arrival(1_000, lambda: "c1")
    out = consent_event(Person(user_id="ann"), {"personalization": False}, arrival)
    log = read(make_event("a", user_id="ann"), make_event("b", user_id="ben"), out)
    assert log.events["user_id"].to_list() == ["u:ben"]
    assert (log.first_position, log.last_position) == (1, 3)


def test_a_log_in_which_nobody_did_anything_is_refused(read: Read) -> None:
    with pytest.raises(EmptyDataError, match="nobody did anything"):
        read(make_event("a", type="$item"))


def test_the_columns_are_those_of_a_stream(read: Read) -> None:
    schema = read(make_event("a")).events.schema
    assert schema["quantity"] == pl.Float64
    assert {"user_id", "type", "timestamp", "received_at", "currency"} <= set(schema)
