"""One person goes from the log; nobody else does."""

from collections.abc import Iterator

import pytest

from coadapt.stores.base import Erasure, PersonIds, Rejection
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import WAIT_S, append, erase, make_event, read, read_ids

LONG = "victim-7781"


@pytest.fixture
def store() -> Iterator[SqlEventStore]:
    store = SqlEventStore("sqlite://")
    yield store
    store.close()


def erase_visitor(store: SqlEventStore, anonymous_id: str) -> Erasure:
    ids = PersonIds(anonymous_ids=frozenset({anonymous_id}))
    return store.erase("default", ids).result(WAIT_S)


def visit(event_id: str, user_id: str | None = None, anonymous_id: str | None = "kiosk"):
    return make_event(event_id, user_id=user_id, anonymous_id=anonymous_id)


def test_whoever_shares_a_device_with_an_erased_person_stays(store: SqlEventStore) -> None:
    append(store, visit("a", "u1"), visit("b", "u2"), visit("c"))
    erasure = erase(store, "u1")
    assert (erasure.events, erasure.ids) == (1, PersonIds(frozenset({"u1"})))
    assert read_ids(store) == ["b", "c"]
    assert append(store, visit("d", "u2"), visit("e")).outcomes == ("new", "new")


def test_what_happened_on_a_device_of_their_own_goes(store: SqlEventStore) -> None:
    append(store, visit("a"), visit("b", "u1"), visit("c", "u2", "phone"))
    assert erase(store, "u1").events == 2
    assert read_ids(store) == ["c"]
    assert append(store, visit("d")).outcomes == ("erased",)


def test_an_erasure_tells_what_is_left_of_a_shared_device(store: SqlEventStore) -> None:
    append(store, visit("a", "u1"), visit("b", "u2"), visit("c"), visit("d", "u3", "phone"))
    left = erase(store, "u1").shared
    assert left is not None
    assert left.column("event_id").to_pylist() == ["b", "c"]
    assert erase(store, "u3").shared is None


def test_visits_that_counted_as_the_persons_on_a_shared_device_go_too(
    store: SqlEventStore,
) -> None:
    append(store, visit("before"), visit("a", "u1"), visit("after"))
    append(store, visit("b", "u2"), visit("theirs"), visit("c", "u1"), visit("again"))
    assert erase(store, "u1").events == 5
    assert read_ids(store) == ["b", "theirs"]
    assert erase(store, "u1").events == 0


def test_an_erasure_tells_which_answers_went(store: SqlEventStore) -> None:
    slate = {"type": "$recommendation", "item_id": None}
    append(store, make_event("r-1", **slate), make_event("r-2", user_id="bob", **slate), visit("b"))
    assert erase(store, "ann").recommendation_ids == ("r-1",)


def test_a_visitor_called_like_an_erased_user_stays(store: SqlEventStore) -> None:
    append(store, visit("a", "u3", None), visit("b", None, "u3"))
    erasure = erase(store, "u3")
    assert (erasure.events, erasure.kept) == (1, {"anonymous_id": 1})
    assert append(store, visit("c", None, "u3")).outcomes == ("new",)


def test_an_erased_visitor_on_a_shared_device_takes_no_user_along(store: SqlEventStore) -> None:
    append(store, visit("a", "u1"), visit("b", "u2"), visit("c"))
    assert erase_visitor(store, "kiosk").events == 1
    assert read_ids(store) == ["a", "b"]
    assert append(store, visit("d", "u2")).outcomes == ("new",)


def test_another_user_on_an_erased_persons_device_is_kept_without_it(
    store: SqlEventStore,
) -> None:
    append(store, visit("a", "u1", "phone"))
    erase(store, "u1")
    appended = append(store, visit("b", "u2", "phone"))
    assert (appended.outcomes, appended.changes[0]["anonymous_id"]) == (("new",), None)
    assert read(store)[0]["anonymous_id"] is None


def test_no_column_of_others_events_names_the_person(store: SqlEventStore) -> None:
    said = {"session_id": f"room-{LONG}", "properties": {"k": [f"{LONG}_x"]}, "text": f"pre{LONG}"}
    append(store, make_event(f"gift-to-{LONG}", user_id="x", **said))
    assert erase(store, LONG).mentions == 1
    assert LONG not in str(read(store))


def test_a_second_erasure_finds_an_id_for_an_event_sent_again(store: SqlEventStore) -> None:
    event = make_event(f"gift-to-{LONG}", user_id="x")
    append(store, event)
    erase(store, LONG)
    append(store, event)
    erase(store, LONG)
    assert len(set(read_ids(store))) == 2


def test_an_item_of_the_same_name_is_kept_and_told(store: SqlEventStore) -> None:
    slate = {"items": ["172"], "scores": [1.0]}
    append(store, make_event("a", item_id="172"), make_event("b", properties={"n": "7"}))
    append(store, make_event("c", type="$recommendation", properties=slate))
    erasure = erase(store, "172")
    assert (erasure.mentions, erasure.kept) == (0, {"item_id": 1, "$recommendation": 1})
    assert read(store)[2]["body"] == '{"properties":{"items":["172"],"scores":[1.0]}}'


def test_a_refused_event_whose_id_names_the_person_goes(store: SqlEventStore) -> None:
    parts = (5, f"to-{LONG}", "invalid_value", None, "", '{"type":"bad"}', "x")
    store.reject([Rejection("default", *parts)]).result(WAIT_S)
    assert erase(store, LONG).rejected == 1
    assert store.rejected("default") == []
