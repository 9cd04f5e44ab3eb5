"""Shoppers come, look, click what they like, and go; each keeps to the group that was drawn."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest

from coadapt.cli._play.play import Score
from coadapt.cli._play.shoppers import Crowd, Shown, Visit
from coadapt.simulation.worlds.base import World
from tests.unit.cli._play.conftest import ClosingTimeError, NotingClient

KNOWN = ["tea", "lamp", "a/b", "🎉"]


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coadapt.cli._play.shoppers.PAUSE_S", 0.0)


def _play(world: World, items: list[str], n_events: int = 400, **how: int) -> tuple[Any, Score]:
    """Play one shopper after another until so many events were sent."""
    client, score = NotingClient(items, n_events), Score.of(world)
    crowd = Crowd(world, client, score, how.get("seed", 0))
    with pytest.raises(ClosingTimeError):
        asyncio.run(crowd.play(how.get("n_at_once", 1)))
    return client, score


def _who(event: dict[str, Any]) -> str:
    return str(event.get("user_id") or event.get("anonymous_id"))


def _visits(events: list[dict[str, Any]]) -> list[list[str]]:
    visits = defaultdict(list)
    for event in events:
        visits[event["session_id"]].append(event["type"])
    return list(visits.values())[:-1]


def test_a_visit_begins_with_a_page_and_ends_by_leaving(world) -> None:
    visits = _visits(_play(world, KNOWN)[0].sent)
    assert {(visit[0], visit[-1]) for visit in visits} == {("page_view", "session_end")}
    assert all(2 <= visit.count("view_item_list") <= 6 for visit in visits)


def test_each_person_is_in_one_group_all_the_time(world) -> None:
    sent = [event for event in _play(world, KNOWN)[0].sent if event["type"] == "view_item_list"]
    popular = {_who(event) for event in sent if "list" in event["properties"]}
    personalized = {_who(event) for event in sent if "recommendation_id" in event}
    assert popular
    assert personalized
    assert not popular & personalized


def test_those_with_a_past_come_as_users_and_the_others_anonymously(world) -> None:
    sent = _play(world, KNOWN)[0].sent
    assert {event["user_id"] for event in sent if "user_id" in event} == {"s0", "s1", "s2"}
    assert {event["anonymous_id"] for event in sent if "anonymous_id" in event} == {
        "s3",
        "s4",
        "s5",
    }


def test_what_is_clicked_was_shown_at_that_place(world) -> None:
    sent = _play(world, KNOWN)[0].sent
    clicks = [event for event in sent if event["type"] == "select_item"]
    assert clicks
    assert all(KNOWN[click["position"] - 1] == click["item_id"] for click in clicks)


def test_an_order_carries_its_price_where_there_is_one(world) -> None:
    sent = _play(world, KNOWN, 1500)[0].sent
    orders = {e["item_id"]: e.get("value") for e in sent if e["type"] == "purchase"}
    assert orders == {"tea": 2.5, "lamp": 30.0, "a/b": None, "🎉": 1.0}


def test_every_place_that_was_seen_counts_as_an_exposure(world) -> None:
    client, score = _play(world, KNOWN)
    n_shown = sum(
        len(e["properties"]["items"]) for e in client.sent if e["type"] == "view_item_list"
    )
    rates = (score.personalized.rate(), score.popular.rate())
    assert n_shown - 4 <= sum(rate.n_exposures for rate in rates) <= n_shown


def test_an_item_of_another_world_is_never_clicked(world) -> None:
    sent = _play(world, ["foreign", "tea"])[0].sent
    assert {e["item_id"] for e in sent if e["type"] == "select_item"} == {"tea"}


def test_without_an_answer_nothing_is_seen_and_nothing_counts(world) -> None:
    client, score = _play(world, [], 60)
    assert {event["type"] for event in client.sent} == {"page_view", "session_end"}
    assert score.personalized.rate().n_exposures == score.popular.rate().n_exposures == 0


def test_the_same_seed_plays_the_same_and_another_does_not(world) -> None:
    first, again, other = (_play(world, KNOWN, seed=seed)[0].sent for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_several_shoppers_at_once_have_sessions_of_their_own(world) -> None:
    sent = _play(world, KNOWN, n_at_once=5)[0].sent
    owners = defaultdict(set)
    for event in sent:
        owners[event["session_id"]].add(_who(event))
    assert {len(people) for people in owners.values()} == {1}


def test_what_shoppers_did_is_told_in_words(world) -> None:
    _, score = _play(world, KNOWN)
    texts = [deed.text for deed in score.recent]
    assert any(text.endswith(", place 1") for text in texts)
    assert not any("None" in text for text in texts)


def test_a_slate_says_where_it_came_from() -> None:
    assert Shown(["tea"], "r-1").origin() == {"recommendation_id": "r-1"}
    assert Shown(["tea"], None).origin() == {"properties": {"list": "trending"}}


def test_an_event_of_a_visit_names_person_and_session() -> None:
    visit = Visit(0, "s-1", {"user_id": "mia"}, is_control=False)
    assert visit.event("like", item_id="tea") == {
        "type": "like",
        "user_id": "mia",
        "session_id": "s-1",
        "item_id": "tea",
    }
