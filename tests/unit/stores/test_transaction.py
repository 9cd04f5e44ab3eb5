"""One transaction decides which events are new, and keeps the erased away."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from coadapt.stores._engine import open_database
from coadapt.stores._tables import ERASED, EVENTS, HEAD, REJECTED
from coadapt.stores._tombstones import ANONYMOUS, Tombstones
from coadapt.stores._transaction import LogTransaction, read_tombstones, select_by_ids
from coadapt.stores.base import Appended
from coadapt.stores.event_rows import rows_of
from coadapt.stores.migrations import migrate
from coadapt.testing.stores import make_event

REFUSED: dict[str, Any] = {
    "project": "default",
    "received_at": 5,
    "event_id": "a",
    "code": "invalid_event",
    "field": None,
    "message": "no",
    "body": "{}",
    "user_id": "ann",
    "anonymous_id": None,
}


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    database = open_database("sqlite://")
    migrate(database.engine)
    with database.engine.connect() as connection:
        yield connection
    database.engine.dispose()


@pytest.fixture
def stones(connection: sa.Connection) -> Tombstones:
    return Tombstones(connection.execute(sa.select(HEAD)).one().salt)


@pytest.fixture
def log(connection: sa.Connection, stones: Tombstones) -> LogTransaction:
    return LogTransaction(connection, stones)


def _append(log: LogTransaction, *ids: str, **fields: Any) -> Appended:
    return log.append(rows_of([make_event(event_id, **fields) for event_id in ids]))


def _erase(stones: Tombstones, identifier: str) -> None:
    stones.add([(1, stones.hash("default", identifier))])


def _bodies(connection: sa.Connection) -> list[str | None]:
    return list(connection.scalars(sa.select(EVENTS.c.body).order_by(EVENTS.c.position)))


def test_nothing_to_append_is_nothing(log: LogTransaction) -> None:
    assert log.append([]) == Appended((), ())


def test_new_and_known_events_may_be_mixed(log: LogTransaction) -> None:
    _append(log, "a", "b")
    mixed = _append(log, "c", "a", "c", "d")
    assert mixed.outcomes == ("new", "duplicate", "duplicate", "new")
    assert mixed.positions[1] == 1
    assert mixed.positions[0] == mixed.positions[2] < mixed.positions[3]


def test_two_bodies_under_one_id_in_one_append_conflict(log: LogTransaction) -> None:
    events = [make_event("a", digest="1"), make_event("a", digest="2"), make_event("a", digest="1")]
    assert log.append(rows_of(events)).outcomes == ("new", "conflict", "duplicate")


def test_more_ids_than_one_query_holds_are_all_found(
    log: LogTransaction, connection: sa.Connection
) -> None:
    ids = [f"e{n}" for n in range(2_500)]
    _append(log, *ids)
    found = [row for part in select_by_ids(connection, "default", ids, EVENTS.c) for row in part]
    assert len(found) == 2_500
    assert set(_append(log, *ids).outcomes) == {"duplicate"}


def test_finishing_tells_the_next_transaction_where_to_go_on(
    log: LogTransaction, connection: sa.Connection, stones: Tombstones
) -> None:
    _append(log, "a", "b")
    log.finish()
    assert LogTransaction(connection, stones).append(rows_of([make_event("c")])).positions == (3,)


def test_an_erased_user_is_refused_and_a_visitor_of_that_name_is_not(
    log: LogTransaction, stones: Tombstones
) -> None:
    _erase(stones, "ann")
    assert _append(log, "a") == Appended(("erased",), (0,))
    assert _append(log, "b", user_id=None, anonymous_id="ann").outcomes == ("new",)


def test_an_erased_visitor_is_refused_unless_a_user_is_named(
    log: LogTransaction, stones: Tombstones
) -> None:
    stones.add([(1, stones.hash("default", "x", ANONYMOUS))])
    assert _append(log, "a", user_id=None, anonymous_id="x").outcomes == ("erased",)
    appended = _append(log, "b", anonymous_id="x")
    assert (appended.outcomes, appended.changes[0]["anonymous_id"]) == (("new",), None)


def test_the_others_of_an_append_get_their_positions_without_a_gap(
    log: LogTransaction, stones: Tombstones
) -> None:
    _erase(stones, "ann")
    events = [make_event("a", user_id="bob"), make_event("b"), make_event("c", user_id="eve")]
    assert log.append(rows_of(events)) == Appended(("new", "erased", "new"), (1, 0, 2))


def test_an_event_that_names_the_erased_is_kept_without_the_name(
    log: LogTransaction, stones: Tombstones, connection: sa.Connection
) -> None:
    _erase(stones, "ann")
    _append(log, "a", user_id="bob", target_user_id="ann")
    _append(log, "b", user_id="bob", target_user_id="ann", text="hi")
    _append(log, "c", user_id="bob", target_user_id="eve")
    assert _bodies(connection) == [None, '{"text":"hi"}', '{"target_user_id":"eve"}']


def test_a_text_that_only_speaks_of_the_field_is_untouched(
    log: LogTransaction, stones: Tombstones, connection: sa.Connection
) -> None:
    _erase(stones, "ann")
    _append(log, "a", user_id="bob", text="target_user_id ann")
    assert _bodies(connection) == ['{"text":"target_user_id ann"}']


def test_a_refused_event_of_the_erased_says_nothing_of_them(
    log: LogTransaction, stones: Tombstones, connection: sa.Connection
) -> None:
    _erase(stones, "ann")
    log.reject([REFUSED, REFUSED | {"user_id": "bob"}])
    kept = connection.execute(sa.select(REJECTED.c.user_id, REJECTED.c.event_id, REJECTED.c.body))
    assert [tuple(row) for row in kept] == [(None, None, ""), ("bob", "a", "{}")]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"target_user_id":"ann","value":true}', '{"value":true}'),
        ('{"properties":{"follows":["ann","eve"]}}', '{"properties":{"follows":["eve"]}}'),
        ('{"host_id":{"id":"eve"},"properties":["x"]}',) * 2,
        ('{"target_user_id":"ann"}', ""),
        ('{"value":1,"target_user_id":"an', ""),
        ('["ann"]', ""),
    ],
)
def test_a_refused_event_names_no_erased_person(
    log: LogTransaction, stones: Tombstones, connection: sa.Connection, body: str, kept: str
) -> None:
    _erase(stones, "ann")
    log.reject([REFUSED | {"user_id": "bob", "body": body}])
    assert connection.scalars(sa.select(REJECTED.c.body)).all() == [kept]


def test_a_refused_body_is_kept_as_it_came_while_nobody_is_erased(
    log: LogTransaction, connection: sa.Connection
) -> None:
    log.reject([REFUSED | {"body": '{"target_user_id":"an'}])
    assert connection.scalars(sa.select(REJECTED.c.body)).all() == ['{"target_user_id":"an']


def test_what_another_process_erased_is_read_before_the_first_append(
    connection: sa.Connection, stones: Tombstones
) -> None:
    connection.execute(sa.insert(ERASED).values(hash=stones.hash("default", "ann")))
    connection.execute(sa.update(HEAD).values(n_erased=1))
    log = LogTransaction(connection, stones)
    assert _append(log, "a").outcomes == ("erased",)


def test_tombstones_are_read_above_a_number(connection: sa.Connection) -> None:
    connection.execute(sa.insert(ERASED), [{"hash": text} for text in ("x", "y", "z")])
    assert read_tombstones(connection, after=1) == [(2, "y"), (3, "z")]


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"host_id": "ann", "text": "hi"}, '{"text":"hi"}'),
        (
            {"type": "$user", "properties": {"follows": ["ann", "eve"]}},
            '{"properties":{"follows":["eve"]}}',
        ),
        ({"type": "$item", "properties": {"host_id": "ann"}}, '{"properties":{}}'),
    ],
)
def test_an_erased_person_is_named_no_more(
    log: LogTransaction,
    stones: Tombstones,
    connection: sa.Connection,
    fields: dict[str, Any],
    body: str,
) -> None:
    _erase(stones, "ann")
    appended = _append(log, "a", **{"user_id": "ben", **fields})
    assert _bodies(connection) == [body]
    assert "ann" not in str(appended.changes[0])
