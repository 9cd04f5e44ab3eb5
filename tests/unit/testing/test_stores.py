"""The contract of event stores is broken by a store that breaks it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from coadapt.domain.events import Event
from coadapt.stores.base import Appended, Erasure, PersonIds, Rejection
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import (
    EventStoreContract,
    append,
    erase,
    make_event,
    read,
    read_ids,
)

Check = Callable[[EventStoreContract, Any], None]


class TwiceStore(SqlEventStore):
    """Keep repeated events as if they were new."""

    @override
    def append(self, events: Sequence[Event]) -> Future[Appended]:
        position = self.last_position()
        marked = [replace(event, event_id=f"{event.event_id}#{position}") for event in events]
        return super().append(marked)


class MixingStore(SqlEventStore):
    """Put every event into one project."""

    @override
    def append(self, events: Sequence[Event]) -> Future[Appended]:
        return super().append([replace(event, project="default") for event in events])


class RememberingStore(SqlEventStore):
    """Say that an erasure is done and do nothing."""

    @override
    def erase(self, project: str, ids: PersonIds) -> Future[Erasure]:
        done: Future[Erasure] = Future()
        done.set_result(Erasure(1, 1, 2, (1,)))
        return done


class SilentStore(SqlEventStore):
    """Drop what was refused."""

    @override
    def reject(self, rejections: Sequence[Rejection]) -> Future[None]:
        done: Future[None] = Future()
        done.set_result(None)
        return done


@pytest.fixture
def store() -> Iterator[SqlEventStore]:
    store = SqlEventStore("sqlite://")
    yield store
    store.close()


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Iterator[SqlEventStore]:
    store = request.param("sqlite://")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (TwiceStore, EventStoreContract.test_a_repeated_event_counts_once),
        (TwiceStore, EventStoreContract.test_another_body_under_a_known_id_conflicts),
        (MixingStore, EventStoreContract.test_projects_share_no_ids),
        (RememberingStore, EventStoreContract.test_an_erased_person_is_gone_and_stays_away),
        (RememberingStore, EventStoreContract.test_an_erasure_takes_the_name_out_of_others_events),
        (SilentStore, EventStoreContract.test_an_erasure_reaches_refused_bodies),
        (SilentStore, EventStoreContract.test_refused_events_are_kept_with_their_reason),
    ],
    indirect=["broken"],
)
def test_a_store_that_breaks_a_promise_is_caught(broken: SqlEventStore, check: Check) -> None:
    with pytest.raises((AssertionError, ValueError)):
        check(EventStoreContract(), broken)


def test_a_made_event_differs_only_in_what_is_said() -> None:
    event = make_event("a", item_id="jam", value=2.0)
    assert (event.event_id, event.item_id, event.user_id) == ("a", "jam", "ann")
    assert replace(event, item_id="tea", value=None) == make_event("a")


def test_what_was_appended_can_be_read_in_part(store: SqlEventStore) -> None:
    append(store, make_event("a"), make_event("b", project="other"))
    assert read_ids(store) == ["a", "b"]
    assert [row["event_id"] for row in read(store, project="other")] == ["b"]


def test_erasing_waits_until_it_is_done(store: SqlEventStore) -> None:
    append(store, make_event("a"), make_event("b", user_id="ben"))
    assert erase(store, "ann", "ben").events == 2
    assert read(store) == []
