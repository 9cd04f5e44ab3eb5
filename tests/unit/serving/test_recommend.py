import asyncio
from collections.abc import Callable
from threading import Thread, current_thread, main_thread
from unittest.mock import Mock
from uuid import uuid4

import pytest

from coadapt.data.dataset import Vocabulary
from coadapt.domain.errors import OverloadedError
from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import ItemFilter, Person
from coadapt.domain.slates import Slate
from coadapt.serving.describe import put_consent, put_items, retire_item
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline

Send = Callable[..., Receipt]
Ask = Callable[..., Slate]

ARRIVAL = Arrival(1_795_300_000_000, new_id=lambda: uuid4().hex)
TEA = ItemFilter({"category": frozenset({"tea"})})
LEFT = {f"i{row}" for row in range(6)}
RIGHT = {f"i{row}" for row in range(6, 12)}


def shown(slate: Slate) -> list[str]:
    return [item.item_id for item in slate.items]


def view(item_id: str, **more: object) -> dict[str, object]:
    return {"type": "page_view", "user_id": "anna", "item_id": item_id, **more}


def test_one_event_changes_the_next_answer(live: Loop, send: Send, ask: Ask) -> None:
    send(view("i7"))
    assert set(shown(ask("anna"))) <= RIGHT
    send(view("i1"), view("i2"), view("i3"))
    assert set(shown(ask("anna"))) & LEFT


def test_what_was_seen_is_not_shown_again(live: Loop, send: Send, ask: Ask) -> None:
    send(view("i7"))
    assert "i7" not in shown(ask("anna", count=12))


def test_a_greedy_answer_is_certain_and_names_what_made_it(
    live: Loop, send: Send, ask: Ask
) -> None:
    send(view("i7"))
    slate = ask("anna")
    assert [item.propensity for item in slate.items] == [1.0, 1.0, 1.0]
    assert (slate.pipeline, slate.policy, slate.run) == ("shop@1", "greedy", "run-1")


def test_an_answer_is_degraded_where_the_champion_could_not_be_loaded(
    loop: Loop, send: Send, ask: Ask
) -> None:
    send(view("i7"))
    assert not ask("anna").degraded
    loop.live.fail("default", "invalid_run")
    assert (ask("anna").fallback, ask("anna").degraded) == ("popular", True)


def test_someone_new_gets_an_answer_that_says_cold(live: Loop, ask: Ask) -> None:
    slate = ask("nobody")
    assert (slate.fallback, len(slate.items)) == ("cold", 3)


def test_a_given_history_replaces_the_stored_one(live: Loop, send: Send, ask: Ask) -> None:
    send(view("i7"))
    assert set(shown(ask("anna", history=("i1", "i2")))) <= LEFT


def test_excluded_retired_and_unavailable_items_are_not_shown(live: Loop, ask: Ask) -> None:
    asyncio.run(put_items(live, [("i8", {"available": False})], ARRIVAL))
    asyncio.run(retire_item(live, "i9", ARRIVAL))
    answer = ask(history=("i7",), exclude_item_ids=frozenset({"i10"}), count=12)
    assert {"i8", "i9", "i10"}.isdisjoint(shown(answer))


def test_every_answer_is_in_the_log_with_its_propensities(live: Loop, ask: Ask) -> None:
    slate = ask("anna")
    (kept,) = live.store.find("default", [slate.recommendation_id]).to_pylist()
    assert (kept["type"], kept["user_id"]) == ("$recommendation", "anna")
    assert '"propensities":[1.0,1.0,1.0]' in kept["body"]


def test_ranking_keeps_every_item_and_puts_unknown_ones_last(live: Loop, ask: Ask) -> None:
    slate = ask(history=("i7",), item_ids=("new", "i1", "i8"), count=3)
    assert shown(slate)[0] == "i8"
    assert shown(slate)[2] == "new"


@pytest.mark.parametrize("history", [("i7",), ()])
def test_a_filter_shows_only_what_was_described_so(
    live: Loop, ask: Ask, history: tuple[str, ...]
) -> None:
    asyncio.run(put_items(live, [("i4", {"category": "tea"}), ("i5", {})], ARRIVAL))
    assert shown(ask(history=history, item_filter=TEA)) == ["i4"]


@pytest.mark.parametrize("user_id", ["anna", "opted-out"])
def test_ranking_leaves_out_what_may_not_be_shown(live: Loop, ask: Ask, user_id: str) -> None:
    asyncio.run(put_consent(live, Person("opted-out"), {"personalization": False}, ARRIVAL))
    asyncio.run(put_items(live, [("i8", {"available": False})], ARRIVAL))
    asyncio.run(retire_item(live, "old", ARRIVAL))
    asked = ("old", "new", "i1", "i8", "i2")
    slate = ask(user_id, item_ids=asked, exclude_item_ids=frozenset({"i2"}))
    assert set(shown(slate)) == {"i1", "new"}


@pytest.mark.parametrize("user_id", ["anna", "opted-out"])
def test_ranking_keeps_to_a_filter(live: Loop, ask: Ask, user_id: str) -> None:
    asyncio.run(put_consent(live, Person("opted-out"), {"personalization": False}, ARRIVAL))
    described = [("i4", {"category": "tea"}), ("far", {"category": "tea"}), ("i5", {})]
    asyncio.run(put_items(live, described, ARRIVAL))
    slate = ask(user_id, item_ids=("i5", "far", "i4", "i6", "new"), item_filter=TEA)
    assert sorted(shown(slate)) == ["far", "i4"]


def test_ranking_nothing_that_may_be_shown_is_an_empty_answer(live: Loop, ask: Ask) -> None:
    assert shown(ask(item_ids=("i4",), exclude_item_ids=frozenset({"i4"}))) == []


def test_without_a_pipeline_the_popular_items_answer(loop: Loop, send: Send, ask: Ask) -> None:
    send(*(view("tea", user_id=f"u{n}") for n in range(3)), view("cup", user_id="u9"))
    slate = ask("anna")
    assert (shown(slate), slate.fallback) == (["tea", "cup"], "popular")


def test_who_opted_out_gets_what_everyone_gets(live: Loop, send: Send, ask: Ask) -> None:
    send(view("i7"), view("i7", user_id="ben"))
    asyncio.run(put_consent(live, Person(user_id="anna"), {"personalization": False}, ARRIVAL))
    slate = ask("anna")
    assert (shown(slate)[0], slate.fallback, slate.run) == ("i7", "opted_out", None)


def test_a_failing_model_does_not_keep_the_answer_from_coming(
    live: Loop, send: Send, ask: Ask, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(view("i7"))
    monkeypatch.setattr(pipeline.recommender, "top", None)
    slate = ask("ben")
    assert (shown(slate)[0], slate.fallback, slate.degraded) == ("i7", "popular", True)


def test_an_answer_that_cannot_be_named_does_not_keep_one_from_coming(
    loop: Loop, send: Send, ask: Ask, pipeline: Pipeline
) -> None:
    send(view("i7"))
    bare = pipeline.config.model_copy(update={"filters": ()})
    short = Vocabulary(["i7"])
    loop.live.swap(
        "default", Pipeline("shop@2", bare, pipeline.recommender, short, pipeline.policy)
    )
    slate = ask("ben")
    assert (shown(slate)[0], slate.fallback, slate.degraded) == ("i7", "popular", True)


def test_too_many_questions_are_refused_and_not_answered_otherwise(
    live: Loop, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = Mock(side_effect=OverloadedError("too many"))
    monkeypatch.setattr(live.scorer, "ask", refuse)
    with pytest.raises(OverloadedError):
        ask("anna")


def test_popularity_is_counted_beside_the_thread_that_talks_http(
    loop: Loop, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[Thread] = []
    counting = Mock(side_effect=lambda *_, **__: threads.append(current_thread()) or [])
    monkeypatch.setattr(loop.features, "trending", counting)
    ask("anna")
    assert main_thread() not in threads


def test_events_after_the_instant_asked_about_do_not_count(
    live: Loop, send: Send, ask: Ask
) -> None:
    send(view("i1", timestamp=1_795_200_000_000), view("i7", timestamp=1_795_250_000_000))
    before = ask("anna", as_of=1_795_200_000_001, is_replay=True)
    assert set(shown(before)) <= LEFT
