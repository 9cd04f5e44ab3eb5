"""One project's events fold into people, pasts, goods and popularity."""

from threading import RLock
from typing import Any

import pytest

from coadapt.domain.durations import DAY_MS, HOUR_MS
from coadapt.domain.events import Event
from coadapt.domain.queries import Person
from coadapt.stores._histories import ITEM, VALUE
from coadapt.stores._project import ProjectState
from coadapt.stores.base import PersonIds
from coadapt.stores.event_rows import record_batch
from coadapt.testing.stores import make_event

LATE = 10**15


@pytest.fixture
def state() -> ProjectState:
    return ProjectState(RLock())


def _fold(state: ProjectState, *events: Event, first: int = 1) -> None:
    state.update(record_batch(events, range(first, first + len(events))))


def _items(state: ProjectState, user: str = "ann") -> list[str]:
    person = state.people.find(Person(user_id=user))
    assert person is not None
    numbers = state.histories.past(person, as_of=LATE)[ITEM]
    return [state.catalogue.numbers.ids[number] for number in numbers]


def _named(kind: str, timestamp: int = 1_000, **fields: Any) -> Event:
    return make_event(f"{kind}-{timestamp}-{fields}", type=kind, timestamp=timestamp, **fields)


def test_a_batch_of_nothing_changes_nothing(state: ProjectState) -> None:
    _fold(state)
    assert (state.people.n_people, state.trending(as_of=LATE, k=5)) == (0, [])


def test_an_event_of_nobody_still_counts_for_nobodys_past(state: ProjectState) -> None:
    _fold(state, make_event("a", user_id=None))
    assert state.people.n_people == 0
    assert state.catalogue.numbers.ids == ["tea"]


def test_what_the_service_writes_is_in_no_past(state: ProjectState) -> None:
    _fold(state, _named("$recommendation"), _named("like", item_id="jam"))
    assert _items(state) == ["jam"]


def test_a_dislike_names_an_item_and_is_no_interest(state: ProjectState) -> None:
    _fold(state, _named("not_interested"), _named("like", item_id="jam"))
    assert _items(state) == ["jam"]
    assert state.trending(as_of=1_000, k=5) == [("jam", pytest.approx(1.0))]


def test_a_value_that_is_not_there_stays_not_there(state: ProjectState) -> None:
    _fold(state, make_event("a"), make_event("b", value=0.0))
    values = state.histories.past(0, as_of=LATE)[VALUE].view(float)
    assert [str(value) for value in values.tolist()] == ["nan", "0.0"]


def test_a_visitor_who_logs_in_brings_past_and_profile_along(state: ProjectState) -> None:
    said = {"properties": {"personalization": False}}
    _fold(state, make_event("a", user_id=None, anonymous_id="x"))
    _fold(state, _named("$consent", user_id=None, anonymous_id="x", **said), first=2)
    _fold(state, make_event("b", anonymous_id="x", item_id="jam"), first=3)
    assert _items(state) == ["tea", "jam"]
    number = state.people.find(Person(user_id="ann"))
    assert number is not None
    assert not state.profiles.is_personalized(number, as_of=LATE)


def test_a_follow_is_behaviour_and_a_fact(state: ProjectState) -> None:
    _fold(state, _named("follow", host_id="eve"))
    assert state.profiles.follows(0, as_of=LATE) == ("eve",)
    assert _items(state) == ["tea"]


def test_an_item_is_described_and_retired_by_events(state: ProjectState) -> None:
    nobody = {"user_id": None, "item_id": "tea"}
    _fold(state, _named("$item", 1, properties={"price": 3}, **nobody))
    _fold(state, _named("$item_retired", 2, **nobody), first=2)
    masks = [state.catalogue.allowed(as_of=at, item_filter=None).tolist() for at in (1, 2)]
    assert masks == [[True], [False]]


def test_trends_before_the_newest_event_are_those_of_that_time(state: ProjectState) -> None:
    _fold(state, make_event("a", timestamp=0))
    _fold(
        state, *(make_event(f"b{n}", item_id="jam", timestamp=HOUR_MS) for n in range(3)), first=2
    )
    assert [item for item, _ in state.trending(as_of=0, k=5)] == ["tea"]
    assert [item for item, _ in state.trending(as_of=HOUR_MS, k=5)] == ["jam", "tea"]
    assert [item for item, _ in state.trending(as_of=HOUR_MS, k=1)] == ["jam"]


def _forbid_recounts(state: ProjectState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state.histories, "everything", None)


def test_a_clock_that_is_ahead_makes_nothing_be_recounted(
    state: ProjectState, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"received_at": HOUR_MS}
    _fold(state, make_event("a", timestamp=HOUR_MS, **now))
    _fold(state, make_event("b", item_id="jam", timestamp=2 * HOUR_MS, **now), first=2)
    _forbid_recounts(state, monkeypatch)
    assert state.trending(as_of=HOUR_MS, k=5) == [("tea", pytest.approx(1.0))]
    assert [item for item, _ in state.trending(as_of=2 * HOUR_MS, k=5)] == ["jam", "tea"]


def test_an_answer_that_waited_for_newer_events_is_not_recounted(
    state: ProjectState, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = (HOUR_MS, HOUR_MS + 500)
    _fold(state, *(make_event(str(at), timestamp=at, received_at=at) for at in times))
    _forbid_recounts(state, monkeypatch)
    assert state.trending(as_of=HOUR_MS, k=5) == [("tea", pytest.approx(1.0))]


def test_interest_that_was_held_counts_once_when_it_is_due(state: ProjectState) -> None:
    ahead, due, last = HOUR_MS, 2 * HOUR_MS, 10 * HOUR_MS
    _fold(state, make_event("a", timestamp=ahead, received_at=0))
    _fold(state, make_event("b", item_id="jam", timestamp=due, received_at=due), first=2)
    _fold(state, make_event("c", item_id="jam", timestamp=last, received_at=last), first=3)
    assert state.popularity.newest == due
    assert state.trending(as_of=ahead, k=5) == [("tea", pytest.approx(1.0))]
    assert dict(state.trending(as_of=ahead + DAY_MS, k=5)) == pytest.approx(
        {"tea": 0.5, "jam": 2 ** (HOUR_MS / DAY_MS - 1) + 2 ** (9 * HOUR_MS / DAY_MS - 1)}
    )


def test_an_erased_persons_interest_is_counted_no_longer(state: ProjectState) -> None:
    _fold(state, make_event("a"), make_event("b", user_id="bob", item_id="jam"))
    state.erase(PersonIds(frozenset({"ann"})), [1])
    assert state.trending(as_of=1_000, k=5) == [("jam", pytest.approx(1.0))]
    assert state.people.find(Person(user_id="ann")) is None
    assert _items(state, "bob") == ["jam"]
