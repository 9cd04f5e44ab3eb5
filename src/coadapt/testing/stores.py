"""Test that an event store keeps its contract; subclass with a `store` fixture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from coadapt.domain.events import Event
from coadapt.domain.queries import Person
from coadapt.stores.base import EVENT_SCHEMA, Appended, Erasure, EventStore, PersonIds, Rejection

WAIT_S = 30


def make_event(event_id: str, **fields: Any) -> Event:
    """Return a page view by `ann` of `tea`; `fields` replace any of that."""
    view = {"type": "page_view", "timestamp": 1_000, "user_id": "ann", "item_id": "tea"}
    return Event(**{"event_id": event_id, "digest": event_id, **view, **fields})


def append(store: EventStore, *events: Event) -> Appended:
    """Append and wait until it is durable."""
    return store.append(events).result(WAIT_S)


def erase(store: EventStore, *ids: str, project: str = "default") -> Erasure:
    """Erase users and wait until no byte is left."""
    erasure = store.erase(project, PersonIds(frozenset(ids))).result(WAIT_S)
    assert erasure.scrubbed.result(WAIT_S)
    return erasure


def read(store: EventStore, **scope: Any) -> list[dict[str, Any]]:
    """Return the rows of a scan."""
    batches: Sequence[pa.RecordBatch] = list(store.scan(**scope))
    return [row for batch in batches for row in batch.to_pylist()]


def read_ids(store: EventStore, **scope: Any) -> list[str]:
    """Return the event ids of a scan."""
    return [row["event_id"] for row in read(store, **scope)]


class EventStoreContract:
    """State what every event store does."""

    def test_an_empty_log_has_no_position_and_no_events(self, store: EventStore) -> None:
        """See the start."""
        assert store.last_position() == 0
        assert read(store) == []

    def test_positions_count_up_in_the_order_of_appends(self, store: EventStore) -> None:
        """See the order of the log."""
        append(store, make_event("b"), make_event("a"))
        append(store, make_event("c"))
        assert read_ids(store) == ["b", "a", "c"]
        assert store.last_position() == read(store)[-1]["position"]

    def test_a_batch_follows_the_schema(self, store: EventStore) -> None:
        """See the columns."""
        append(store, make_event("a", value=2.5, received_at=7, anonymous_id="x"))
        (batch,) = store.scan()
        assert batch.schema == EVENT_SCHEMA
        (row,) = batch.to_pylist()
        assert (row["value"], row["received_at"], row["anonymous_id"]) == (2.5, 7, "x")
        assert row["body"] is None

    def test_fields_without_a_column_travel_as_json(self, store: EventStore) -> None:
        """See the body."""
        append(store, make_event("a", session_id="s", properties={"n": [1, "日本"]}))
        assert read(store)[0]["body"] == '{"session_id":"s","properties":{"n":[1,"日本"]}}'

    def test_a_repeated_event_counts_once(self, store: EventStore) -> None:
        """See idempotency across appends."""
        first = append(store, make_event("a"))
        again = append(store, make_event("a"), make_event("b"))
        assert again.outcomes == ("duplicate", "new")
        assert again.positions[0] == first.positions[0]
        assert read_ids(store) == ["a", "b"]

    def test_an_identical_id_twice_in_one_append_is_a_duplicate(self, store: EventStore) -> None:
        """See idempotency within an append."""
        appended = append(store, make_event("a"), make_event("a"))
        assert appended.outcomes == ("new", "duplicate")
        assert appended.positions[0] == appended.positions[1]

    def test_another_body_under_a_known_id_conflicts(self, store: EventStore) -> None:
        """See that the first write wins."""
        append(store, make_event("a", item_id="tea", digest="1"))
        assert append(store, make_event("a", item_id="jam", digest="2")).outcomes == ("conflict",)
        assert read(store)[0]["item_id"] == "tea"

    def test_projects_share_no_ids(self, store: EventStore) -> None:
        """See tenants apart."""
        append(store, make_event("a"))
        assert append(store, make_event("a", project="other")).outcomes == ("new",)
        assert len(read(store, project="other")) == 1

    def test_a_scan_reads_between_positions(self, store: EventStore) -> None:
        """See (after, until]."""
        positions = append(store, *(make_event(str(i)) for i in range(5))).positions
        scope = {"after": positions[0], "until": positions[3], "batch_size": 2}
        assert read_ids(store, **scope) == ["1", "2", "3"]

    def test_a_scan_goes_on_with_what_arrives_meanwhile(self, store: EventStore) -> None:
        """See that a scan holds no old state."""
        append(store, make_event("a"), make_event("b"))
        batches = store.scan(batch_size=1)
        next(batches)
        append(store, make_event("c"))
        assert [batch.column("event_id")[0].as_py() for batch in batches] == ["b", "c"]

    def test_find_returns_events_by_id(self, store: EventStore) -> None:
        """See a look-up, with unknown ids left out."""
        append(store, make_event("a"), make_event("b"), make_event("c"))
        found = store.find("default", ["c", "a", "nothing"])
        assert found.column("event_id").to_pylist() == ["a", "c"]
        assert store.find("default", []).num_rows == 0

    def test_events_are_read_at_their_positions(self, store: EventStore) -> None:
        """Whatever the order of the question, in log order, and without those that are gone."""
        append(store, make_event("a"), make_event("b"), make_event("c"))
        found = store.at([3, 1, 99])
        assert found.column("event_id").to_pylist() == ["a", "c"]
        assert store.at([]).num_rows == 0

    def test_an_empty_append_is_done_at_once(self, store: EventStore) -> None:
        """See nothing."""
        assert append(store).outcomes == ()

    def test_refused_events_are_kept_with_their_reason(self, store: EventStore) -> None:
        """See that nothing disappears."""
        refused = Rejection("default", 5, "a", "invalid_value", "value", "must be finite", "{}")
        store.reject([refused, refused]).result(WAIT_S)
        (first, kept), (second, _) = store.rejected("default")
        assert kept == refused
        assert store.rejected("default", after=first)[0][0] == second
        assert store.rejected("other") == []

    def test_an_erased_person_is_gone_and_stays_away(self, store: EventStore) -> None:
        """See an erasure and what it refuses later."""
        theirs = append(store, make_event("a"), make_event("b", user_id="u-12")).positions[0]
        erasure = erase(store, "ann")
        assert (erasure.events, erasure.positions) == (1, (theirs,))
        assert store.is_erased("default", Person(user_id="ann"))
        assert not store.is_erased("other", Person(user_id="ann"))
        assert append(store, make_event("new")).outcomes == ("erased",)
        assert read_ids(store) == ["b"]

    def test_an_erasure_takes_the_name_out_of_others_events(self, store: EventStore) -> None:
        """See mentions in fields and in texts."""
        named = {"text": "hi @u-1, not u-12", "properties": {"to": ["u-1", "u-12"], "u-1": 1}}
        append(store, make_event("a", target_user_id="u-1", **named), make_event("b"))
        assert erase(store, "u-1").mentions == 1
        body = '{"text":"hi , not u-12","properties":{"to":["u-12"]}}'
        assert read(store)[0]["body"] == body

    def test_an_erasure_reaches_refused_bodies(self, store: EventStore) -> None:
        """See that what was refused of a person, or named them, goes too."""
        parts = ("default", 5, None, "invalid_value", None, "")
        theirs = Rejection(*parts, '{"broken', user_id="u-1")
        naming = Rejection(*parts, '{"target_user_id": "u-1"}')
        other = Rejection(*parts, '{"user_id": "u-12"}')
        store.reject([theirs, naming, other]).result(WAIT_S)
        assert erase(store, "u-1").rejected == 2
        assert [kept for _, kept in store.rejected("default")] == [other]

    def test_a_fingerprint_changes_with_what_stands_there_and_who_was_erased(
        self, store: EventStore
    ) -> None:
        """See what tells logs apart."""
        append(store, make_event("a"), make_event("b", user_id="u-1"))
        first, second = store.fingerprint(1), store.fingerprint(2)
        append(store, make_event("c"))
        assert (store.fingerprint(1), first != second) == (first, True)
        erase(store, "u-1")
        assert store.fingerprint(1) != first

    def test_an_erased_name_does_not_come_back_in_others_events(self, store: EventStore) -> None:
        """See a later event that names them."""
        erase(store, "u-1")
        append(store, make_event("a", target_user_id="u-1", text="so true"))
        assert read(store)[0]["body"] == '{"text":"so true"}'

    def test_an_erased_name_does_not_come_back_in_refused_bodies(self, store: EventStore) -> None:
        """See a later event that names them and is refused."""
        erase(store, "u-1")
        parts = ("default", 5, None, "invalid_value", "value", "")
        body = '{"user_id":"ben","target_user_id":"u-1","value":true}'
        store.reject([Rejection(*parts, body, user_id="ben")]).result(WAIT_S)
        ((_, kept),) = store.rejected("default")
        assert kept.body == '{"user_id":"ben","value":true}'
