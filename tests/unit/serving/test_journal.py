from collections.abc import Sequence
from concurrent.futures import Future

import pyarrow as pa
import pytest

from coadapt.domain.errors import NotFoldedError, StoreError
from coadapt.domain.events import Event
from coadapt.serving.journal import Journal
from coadapt.stores.base import Appended, Erasure, PersonIds

NO_TIME_S = 5.0
ANNA = PersonIds(frozenset({"anna"}))


class Log:
    """Leave it to the test when each append is durable."""

    def __init__(self) -> None:
        self.written: list[Future[Appended]] = []
        self.erased: Future[Erasure] = Future()

    def append(self, events: Sequence[Event]) -> Future[Appended]:
        self.written.append(Future())
        return self.written[-1]

    def erase(self, project: str, ids: PersonIds) -> Future[Erasure]:
        return self.erased


class State:
    """Note what was folded, in order."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def update(self, batch: pa.RecordBatch) -> None:
        self.seen += batch.column("event_id").to_pylist()

    def erase(
        self,
        project: str,
        ids: PersonIds,
        positions: Sequence[int],
        shared: pa.RecordBatch | None = None,
    ) -> None:
        self.seen.append(("erased", *ids.user_ids))


def event(event_id: str) -> Event:
    return Event(event_id, "like", 1, user_id="anna")


def written(outcome: str, position: int) -> Appended:
    return Appended((outcome,), (position,))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def journal(log: Log, state: State) -> Journal:
    return Journal(log, state)  # type: ignore[arg-type]  # stand-ins for the two stores


def test_nobody_is_told_before_the_event_is_folded(
    journal: Journal, log: Log, state: State
) -> None:
    told = journal.append([event("a")])
    assert not told.done()
    log.written[0].set_result(written("new", 1))
    assert told.result(NO_TIME_S).positions == (1,)
    assert state.seen == ["a"]


def test_events_are_folded_in_the_order_of_the_calls(
    journal: Journal, log: Log, state: State
) -> None:
    first, second = journal.append([event("a")]), journal.append([event("b")])
    log.written[1].set_result(written("new", 2))
    log.written[0].set_result(written("new", 1))
    first.result(NO_TIME_S)
    second.result(NO_TIME_S)
    assert state.seen == ["a", "b"]


def test_what_was_committed_together_is_folded_together(
    journal: Journal, log: Log, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    n_rows: list[int] = []
    monkeypatch.setattr(state, "update", lambda batch: n_rows.append(batch.num_rows))
    told = [journal.append([event(name)]) for name in "abc"]
    for position in (3, 2, 1):
        log.written[position - 1].set_result(written("new", position))
    assert [each.result(NO_TIME_S).positions for each in told] == [(1,), (2,), (3,)]
    assert n_rows == [3]


def test_a_repeated_event_is_not_folded_again(journal: Journal, log: Log, state: State) -> None:
    told = journal.append([event("a")])
    log.written[0].set_result(written("duplicate", 1))
    assert told.result(NO_TIME_S).outcomes == ("duplicate",)
    assert state.seen == []


def test_a_failed_write_is_told_and_the_next_goes_on(
    journal: Journal, log: Log, state: State
) -> None:
    first, second = journal.append([event("a")]), journal.append([event("b")])
    log.written[0].set_exception(StoreError("no"))
    log.written[1].set_result(written("new", 1))
    assert isinstance(first.exception(NO_TIME_S), StoreError)
    assert second.result(NO_TIME_S).positions == (1,)
    assert state.seen == ["b"]


def test_people_are_forgotten_after_their_events_were_folded(
    journal: Journal, log: Log, state: State
) -> None:
    journal.append([event("a")])
    told = journal.erase("shop", ANNA)
    log.written[0].set_result(written("new", 1))
    log.erased.set_result(Erasure(events=1, mentions=0, rejected=0, positions=(1,), ids=ANNA))
    told.result(NO_TIME_S)
    assert state.seen == ["a", ("erased", "anna")]


def test_state_that_cannot_follow_is_told_and_remembered(
    journal: Journal, log: Log, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    monkeypatch.setattr(state, "update", None)
    told = journal.append([event("a")])
    log.written[0].set_result(written("new", 1))
    assert isinstance(told.exception(NO_TIME_S), NotFoldedError)
    assert not journal.is_level


def test_closing_finishes_what_was_accepted(journal: Journal, log: Log, state: State) -> None:
    journal.append([event("a")])
    log.written[0].set_result(written("new", 1))
    journal.close()
    assert state.seen == ["a"]


def test_what_was_stored_otherwise_is_folded_as_it_was_stored(log: Log, state: State) -> None:
    seen: list[Event] = []
    journal = Journal(log, state, [seen.extend])  # type: ignore[arg-type]  # stand-ins
    told = journal.append([event("a"), event("b")])
    log.written[0].set_result(Appended(("new", "new"), (1, 2), {1: {"host_id": "eve"}}))
    told.result(NO_TIME_S)
    assert [event.host_id for event in seen] == [None, "eve"]
