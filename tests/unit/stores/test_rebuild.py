from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coadapt.domain.events import Event
from coadapt.domain.progress import no_progress
from coadapt.domain.queries import Person
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.rebuild import rebuild
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import WAIT_S, append, make_event

LATE = 10**15
IDS = st.tuples(
    st.sampled_from([None, "u1", "u2", "u3"]), st.sampled_from([None, "kiosk", "phone"])
)
KINDS = st.sampled_from(["page_view", "follow", "$consent"])
DONE = st.lists(st.tuples(IDS, KINDS), min_size=1, max_size=12)
USERS = [Person(user_id=f"u{number}") for number in (1, 2, 3)]
KIOSK, PHONE = Person(anonymous_id="kiosk"), Person(anonymous_id="phone")
PEOPLE = [*USERS, KIOSK, PHONE]


@pytest.fixture(scope="module")
def shared_log() -> Iterator[SqlEventStore]:
    log = SqlEventStore("sqlite://")
    yield log
    log.close()


def made(done: list[Any], project: str, first: int) -> list[Event]:
    """Return events one after the other, each of its ids, kind and own item."""
    return [
        make_event(
            f"e{number}",
            type=kind,
            timestamp=number,
            project=project,
            item_id=f"i{number}",
            user_id=user,
            anonymous_id=visitor,
            host_id="eve",
            properties={"personalization": number % 3 > 0},
        )
        for number, ((user, visitor), kind) in enumerate(done, first)
    ]


def known(log: SqlEventStore, features: MemoryFeatureStore, project: str) -> Any:
    """Return what state knows of a project once it has read the log."""
    for batch in log.scan(after=features.position, project=project):
        features.update(batch)
    people = [
        (
            features.past(project, person, as_of=LATE).positions.tolist(),
            features.profile(project, person, as_of=LATE),
            features.ids_of(project, person),
        )
        for person in PEOPLE
    ]
    return people, sorted(item for item, _ in features.trending(project, as_of=99, k=99))


def test_a_rebuild_folds_the_log_and_says_how_far_it_is() -> None:
    log, features, steps = SqlEventStore("sqlite://"), MemoryFeatureStore(), []
    append(log, make_event("a"), make_event("b"))
    assert rebuild(log, features, lambda *step: steps.append(step)) == 2
    assert steps == [(2, 2, "replaying the log")]
    assert len(features.past("default", Person("ann"), as_of=10**15).items) == 2
    log.close()


def test_a_second_rebuild_reads_only_what_is_new() -> None:
    log, features = SqlEventStore("sqlite://"), MemoryFeatureStore()
    append(log, make_event("a"))
    rebuild(log, features, no_progress)
    append(log, make_event("b"))
    assert rebuild(log, features, no_progress) == 1
    log.close()


def test_whoever_watches_sees_each_batch_after_it_was_folded() -> None:
    log, features, seen = SqlEventStore("sqlite://"), MemoryFeatureStore(), []
    append(log, make_event("a"), make_event("b"))
    watch = lambda batch: seen.append((batch.num_rows, features.position))  # noqa: E731
    rebuild(log, features, lambda *_: None, watch)
    assert seen == [(2, 2)]
    log.close()


@settings(max_examples=60, deadline=None)
@given(done=DONE, erased=st.sampled_from(PEOPLE), later=DONE)
@example(
    done=[((u, "kiosk"), "page_view") for u in ("u2", "u1", None)],
    erased=USERS[0],
    later=[((None, "kiosk"), "page_view")],
)
@example(
    done=[((u, "kiosk"), kind) for u in ("u1", "u2", None) for kind in ("page_view", "$consent")],
    erased=KIOSK,
    later=[((None, "kiosk"), "page_view")],
)
def test_state_after_an_erasure_is_that_of_a_start(shared_log, done, erased, later) -> None:
    features, project = MemoryFeatureStore(), f"p{shared_log.last_position()}"
    append(shared_log, *made(done, project, 1))
    known(shared_log, features, project)
    ids = features.ids_of(project, erased)
    removed = shared_log.erase(project, ids).result(WAIT_S)
    features.erase(project, removed.ids, removed.positions, removed.shared)
    append(shared_log, *made(later, project, 50))
    fresh = MemoryFeatureStore()
    assert known(shared_log, features, project) == known(shared_log, fresh, project)
