"""A live value model follows the log: joined, erased, evicted, restored, and always exact."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import NotFoundError, ValuingError
from coadapt.domain.progress import no_progress
from coadapt.domain.queries import Person
from coadapt.domain.valuations import Valuation
from coadapt.serving.loop import Loop, LoopOptions, assemble
from coadapt.serving.restore import restore
from coadapt.serving.valuation import value_of
from coadapt.serving.value_replay import value_then
from coadapt.serving.value_segments import users_in_segment
from coadapt.serving.valuing import ValueOptions
from coadapt.stores.base import PersonIds
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import make_event
from coadapt.training.preparing import Surroundings
from coadapt.training.value_config import parse_value_config
from coadapt.training.value_load import LoadedValue, load_value
from coadapt.training.value_run import train_value

NOW_MS = 1_795_300_000_000
CONFIG = {
    "kind": "value",
    "data": {
        "source": "synthetic",
        "options": {"n_users": 200, "n_items": 30, "n_events": 9000, "n_days": 200},
    },
    "value": {"name": "bg_nbd"},
    "training": {"n_bootstrap": 2},
    "currencies": {"base": "EUR"},
}

Open = Callable[..., Loop]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> LoadedValue:
    store = FileRunStore(tmp_path_factory.mktemp("trained"))
    config = parse_value_config(CONFIG, "the test")
    return load_value(store, train_value(config, store, Surroundings(NOW_MS)).run_id)


@pytest.fixture
def store() -> SqlEventStore:
    return SqlEventStore("sqlite://")


@pytest.fixture
def open_loop(store: SqlEventStore, tmp_path: Path, trained: LoadedValue) -> Iterator[Open]:
    """Open a loop over the log, as a start does; the log outlives it."""
    loops: list[Loop] = []

    def opened(log: SqlEventStore = store, **options: Any) -> Loop:
        value = ValueOptions(**{"folder": tmp_path / "state", **options})
        features, runs = MemoryFeatureStore(), FileRunStore(tmp_path)
        loop = assemble(log, features, runs, options=LoopOptions(value=value))
        restore(loop, no_progress)
        loop.valuing.start("default", trained.anew(), no_progress)
        loops.append(loop)
        return loop

    yield opened
    for loop in loops:
        loop.close()


@pytest.fixture
def loop(open_loop: Open) -> Loop:
    return open_loop()


def stop(loop: Loop) -> None:
    """Close what a process holds but the log."""
    loop.journal.close()
    loop.valuing.close()


def buy(loop: Loop, who: str | None, days_ago: float = 1, **fields: Any) -> None:
    at = NOW_MS - round(days_ago * DAY_MS)
    sent = {"type": "purchase", "value": 20.0, "item_id": "tea", "user_id": who}
    event = make_event(loop.new_id(), **{"timestamp": at, "received_at": at, **sent, **fields})
    loop.journal.append([event]).result(30)


def ask(loop: Loop, who: str, **fields: Any) -> Valuation:
    return value_of(loop, "default", Person(**({"user_id": who} | fields)), NOW_MS)


def spend(loop: Loop, who: str) -> float:
    return ask(loop, who).expected_spend


def test_an_event_is_in_the_next_answer(loop: Loop) -> None:
    assert ask(loop, "anna").prior
    buy(loop, "anna")
    first = ask(loop, "anna")
    buy(loop, "anna", 0, value=500.0)
    second = ask(loop, "anna")
    assert (first.prior, first.events_seen, second.events_seen) == (False, 1, 2)
    assert second.expected_spend > first.expected_spend


def test_an_answer_says_what_it_is(loop: Loop, trained: LoadedValue) -> None:
    buy(loop, "anna")
    told = ask(loop, "anna")
    assert (told.currency, told.horizon_days, told.as_of) == ("EUR", 30, NOW_MS)
    assert (told.run, told.segment) == (trained.manifest.run_id, "new")
    quantiles = [told.quantiles[level] for level in ("0.05", "0.5", "0.95")]
    assert quantiles == sorted(quantiles)


def test_a_visitor_who_turns_out_to_be_a_user_is_one_person(loop: Loop) -> None:
    buy(loop, None, 9, anonymous_id="v", value=300.0)
    buy(loop, "anna", 5)
    apart = ask(loop, "anna")
    buy(loop, "anna", 4, anonymous_id="v")
    buy(loop, "ben", 9, value=300.0)
    buy(loop, "ben", 5)
    buy(loop, "ben", 4)
    together = ask(loop, "anna")
    assert (apart.events_seen, together.events_seen) == (1, 3)
    assert together.expected_spend == spend(loop, "ben")
    assert ask(loop, "x", anonymous_id="v").expected_spend == together.expected_spend


def test_who_opted_out_gets_the_prior_and_it_says_so(loop: Loop) -> None:
    buy(loop, "anna")
    refusal = {"properties": {"personalization": False}, "item_id": None, "value": None}
    buy(loop, "anna", type="$consent", **refusal)
    told, stranger = ask(loop, "anna"), ask(loop, "nobody")
    assert (told.prior, told.fallback, stranger.fallback) == (True, "opted_out", "cold")
    assert told.expected_spend == stranger.expected_spend


def test_who_was_erased_is_forgotten(loop: Loop) -> None:
    buy(loop, "anna")
    ids = loop.features.ids_of("default", Person(user_id="anna"))
    loop.journal.erase("default", ids).result(30)
    assert ask(loop, "anna").prior
    state = loop.valuing.get("default")
    assert state is not None
    assert len(state.roster) == 0


def share_a_kiosk(loop: Loop) -> None:
    """Let Anna, then Ben, buy on one device, and then whoever it may be."""
    for day, who in ((9, "anna"), (5, "ben"), (4, None)):
        buy(loop, who, day, anonymous_id="kiosk")


@pytest.mark.parametrize("erased", [Person(anonymous_id="kiosk"), Person(user_id="ben")])
def test_an_erasure_on_a_shared_device_leaves_what_a_start_would_find(
    open_loop: Open, erased: Person
) -> None:
    loop = open_loop(folder=None)
    share_a_kiosk(loop)
    assert ask(loop, "ben").events_seen == 2
    loop.journal.erase("default", loop.features.ids_of("default", erased)).result(30)
    told = [ask(loop, who) for who in ("anna", "ben")]
    stop(loop)
    again = open_loop(folder=None)
    assert told == [ask(again, who) for who in ("anna", "ben")]
    assert told[1].events_seen == (1 if erased.user_id is None else 0)


def test_another_currency_is_refused_and_counted(loop: Loop) -> None:
    buy(loop, "anna", 2)
    before = spend(loop, "anna")
    buy(loop, "anna", 1, value=10_000.0, currency="JPY")
    assert spend(loop, "anna") == before
    assert loop.tally.counts()["value_refused_events", "default", "currency"] == 1


def test_a_start_from_the_log_answers_as_before(open_loop: Open) -> None:
    loop = open_loop(folder=None)
    for day in (40, 30, 8, 3):
        buy(loop, "anna", day)
    buy(loop, "ben", 3, anonymous_id="v")
    before = [ask(loop, who) for who in ("anna", "ben")]
    stop(loop)
    again = open_loop(folder=None)
    assert [ask(again, who) for who in ("anna", "ben")] == before


def test_a_snapshot_answers_as_before_and_goes_on(open_loop: Open, store: SqlEventStore) -> None:
    loop = open_loop()
    for day in (40, 30, 8):
        buy(loop, "anna", day)
    stop(loop)
    before_close = store.last_position()
    again = open_loop()
    state = again.valuing.get("default")
    assert state is not None
    assert (state.n_folded, state.position) == (0, before_close)
    buy(again, "anna", 3)
    stop(again)
    assert ask(open_loop(), "anna") == ask(open_loop(folder=None), "anna")


def test_a_snapshot_names_nobody(open_loop: Open, tmp_path: Path) -> None:
    loop = open_loop()
    buy(loop, "anna-of-the-shop", 2)
    stop(loop)
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not any(b"anna-of-the-shop" in path.read_bytes() for path in files)


def test_a_snapshot_does_not_bring_back_who_was_erased(open_loop: Open, tmp_path: Path) -> None:
    loop = open_loop()
    buy(loop, "anna", 2)
    buy(loop, "ben", 2)
    stop(loop)
    old = {path: path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file()}
    again = open_loop()
    ids = again.features.ids_of("default", Person(user_id="anna"))
    again.journal.erase("default", ids).result(30)
    stop(again)
    for path, content in old.items():
        path.write_bytes(content)
    last = open_loop()
    assert (ask(last, "anna").prior, ask(last, "ben").prior) == (True, False)


def test_an_erasure_removes_the_snapshot_at_once(open_loop: Open, tmp_path: Path) -> None:
    loop = open_loop(snapshot_every=1)
    buy(loop, "anna", 2)
    stop(loop)
    again = open_loop()
    ids = again.features.ids_of("default", Person(user_id="anna"))
    again.journal.erase("default", ids).result(30)
    assert not list((tmp_path / "state").rglob("*.safetensors"))


def test_a_crash_after_an_erasure_leaves_no_snapshot(
    open_loop: Open, store: SqlEventStore, tmp_path: Path
) -> None:
    loop = open_loop()
    buy(loop, "ben", 2, host_id="anna-of-the-shop")
    stop(loop)
    store.erase("default", PersonIds(frozenset({"anna-of-the-shop"}))).result(30)
    assert list((tmp_path / "state").rglob("*.json"))
    open_loop()
    assert not [path for path in (tmp_path / "state").rglob("*") if path.is_file()]


def test_a_snapshot_of_another_log_is_not_used(open_loop: Open) -> None:
    other = SqlEventStore("sqlite://")
    first, second = open_loop(), open_loop(log=other, folder=None)
    for day in (9, 5, 2):
        buy(first, "anna", day, value=900.0)
        buy(second, "ben", day)
    buy(second, "cem", 1)
    stop(first)
    stop(second)
    assert ask(open_loop(log=other), "ben") == ask(open_loop(log=other, folder=None), "ben")


def test_whose_past_was_joined_since_the_snapshot_is_folded_anew(open_loop: Open) -> None:
    loop = open_loop()
    buy(loop, None, 9, anonymous_id="v", value=300.0)
    buy(loop, "anna", 5)
    stop(loop)
    again = open_loop(folder=None)
    buy(again, "anna", 4, anonymous_id="v")
    stop(again)
    assert ask(open_loop(), "anna") == ask(open_loop(folder=None), "anna")


def test_a_snapshot_of_another_run_is_ignored(
    open_loop: Open, trained: LoadedValue, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = open_loop()
    buy(loop, "anna", 2)
    stop(loop)
    other = replace(trained, manifest=replace(trained.manifest, run_id="other"))
    again = open_loop(max_users=5)
    again.valuing.start("default", other.anew(), no_progress)
    state = again.valuing.get("default")
    assert state is not None
    assert (state.run_id, state.n_folded) == ("other", 1)


@pytest.mark.parametrize("max_users", [1, 3, 100])
def test_how_many_are_in_memory_changes_no_answer(open_loop: Open, max_users: int) -> None:
    names = [f"u{number}" for number in range(8)]
    loop = open_loop(folder=None, max_users=max_users)
    for day in (20, 15, 4):
        for who in names:
            buy(loop, who, day, value=float(len(who) * day))
    told = [ask(loop, who) for who in names]
    state = loop.valuing.get("default")
    assert state is not None
    assert len(state.roster) <= max_users
    stop(loop)
    fresh = open_loop(folder=None)
    assert [ask(fresh, who) for who in names] == told


def test_too_many_for_a_start_are_folded_when_asked_for(open_loop: Open) -> None:
    loop = open_loop(folder=None)
    for day, who in ((9, "anna"), (8, "ben"), (7, "cem")):
        buy(loop, who, day)
    told = [ask(loop, who) for who in ("anna", "ben", "cem")]
    stop(loop)
    small = open_loop(folder=None, max_users=1)
    assert [ask(small, who) for who in ("anna", "ben", "cem")] == told
    buy(small, "anna", 2)
    assert ask(small, "anna").events_seen == 2


def test_the_past_is_what_had_happened_by_then(loop: Loop) -> None:
    buy(loop, "anna", 20)
    then = value_of(loop, "default", Person(user_id="anna"), NOW_MS - 10 * DAY_MS)
    buy(loop, "anna", 5, value=900.0)
    replayed = value_then(loop, "default", Person(user_id="anna"), NOW_MS - 10 * DAY_MS)
    assert (replayed.replay, replayed.events_seen) == (True, 1)
    assert replayed.expected_spend == then.expected_spend
    long_ago = value_then(loop, "default", Person(user_id="anna"), NOW_MS - 30 * DAY_MS)
    assert long_ago.prior


def test_users_of_a_segment_are_paged(loop: Loop) -> None:
    for who in ("anna", "ben", "cem"):
        buy(loop, who, 1)
    buy(loop, "old", 300)
    state = loop.valuing.get("default")
    assert state is not None
    first = users_in_segment(state, "new", after=0, limit=2, now_ms=NOW_MS)
    rest = users_in_segment(state, "new", after=first.following or 0, limit=2, now_ms=NOW_MS)
    names = [member.profile.user_id for page in (first, rest) for member in page.members]
    assert (names, rest.following) == (["anna", "ben", "cem"], None)
    dormant = users_in_segment(state, "dormant", after=0, limit=9, now_ms=NOW_MS)
    assert [member.profile.user_id for member in dormant.members] == ["old"]


def test_a_page_says_of_everybody_what_their_own_answer_says(loop: Loop) -> None:
    for number in range(12):
        for day in range(40 - number, 0, -1 - number):
            buy(loop, f"u{number}", day, value=1.0 + number * day)
    state = loop.valuing.get("default")
    assert state is not None
    listed = {
        member.profile.user_id: (segment, member.expected_spend)
        for segment in ("new", "rising", "loyal", "fading", "dormant")
        for member in users_in_segment(state, segment, after=0, limit=99, now_ms=NOW_MS).members
    }
    told = {who: ask(loop, who) for who in listed}
    assert len(listed) == 12
    assert listed == {
        who: (each.segment, pytest.approx(each.expected_spend, rel=1e-9))
        for who, each in told.items()
    }


def test_events_of_other_projects_are_not_folded(loop: Loop) -> None:
    buy(loop, "anna", project="other")
    assert ask(loop, "anna").prior
    with pytest.raises(NotFoundError, match="no value model serves"):
        value_of(loop, "other", Person(user_id="anna"), NOW_MS)


def test_a_model_that_fails_is_told_and_stops_nothing_else(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = loop.valuing.get("default")
    assert state is not None
    monkeypatch.setattr(state.model, "update", None)
    buy(loop, "anna")
    wait_until(lambda: bool(loop.faults()))
    with pytest.raises(ValuingError):
        ask(loop, "anna")
    buy(loop, "anna")
    assert loop.features.position == 2


def test_a_model_that_cannot_fold_the_log_does_not_serve(
    loop: Loop, trained: LoadedValue, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(loop, "anna")
    other = replace(trained, manifest=replace(trained.manifest, run_id="other")).anew()
    monkeypatch.setattr(other.model, "update", None)
    with pytest.raises(ValuingError, match="cannot fold"):
        loop.valuing.start("default", other, no_progress)
    assert ask(loop, "anna").run == trained.manifest.run_id


def test_a_late_event_counts_as_it_would_have_in_time(loop: Loop) -> None:
    buy(loop, "anna", 20)
    buy(loop, "anna", 10)
    buy(loop, "ben", 10)
    buy(loop, "ben", 20, received_at=NOW_MS - 9 * DAY_MS)
    assert spend(loop, "anna") == pytest.approx(spend(loop, "ben"))


def test_bytes_a_user_are_stated(loop: Loop) -> None:
    buy(loop, "anna")
    state = loop.valuing.get("default")
    assert state is not None
    state.settle()
    assert 32 < state.bytes_per_user < 1_000


def wait_until(is_true: Callable[[], bool]) -> None:
    """Wait for another thread, ten seconds at most."""
    end = time.monotonic() + 10
    while not is_true() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_true()
