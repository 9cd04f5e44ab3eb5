"""Without a pipeline the popular answers, and never with what may not be shown."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import ItemFilter, Person, Query
from coadapt.domain.slates import Slate
from coadapt.serving.describe import put_items, retire_item
from coadapt.serving.fallback import OPTED_OUT, POPULAR, popular_slate
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop

Send = Callable[..., Receipt]
Answer = Callable[..., list[str]]

NOW_MS = 1_795_300_000_000


def view(item_id: str, user_id: str = "ben", **more: object) -> dict[str, object]:
    return {"type": "page_view", "user_id": user_id, "item_id": item_id, **more}


def slate(loop: Loop, fallback: str = POPULAR, **fields: Any) -> Slate:
    query = Query(Person(user_id="anna"), **{"as_of": NOW_MS, "count": 3, **fields})
    return popular_slate(loop, query, fallback)


def shown(loop: Loop, fallback: str = POPULAR, **fields: Any) -> list[str]:
    return [item.item_id for item in slate(loop, fallback, **fields).items]


@pytest.fixture
def busy(loop: Loop, send: Send) -> Loop:
    """Return a loop in which `a` is most popular, then `b`, `c` and `d`."""
    send(*(view(item, f"u{n}") for place, item in enumerate("dcba") for n in range(place + 1)))
    return loop


def test_nothing_known_is_an_empty_answer(loop: Loop) -> None:
    answer = slate(loop)
    assert (answer.items, answer.log_position) == ((), 0)


def test_places_count_up_and_are_certain(busy: Loop) -> None:
    items = slate(busy).items
    assert [(item.item_id, item.position) for item in items] == [("a", 1), ("b", 2), ("c", 3)]
    assert [item.propensity for item in items] == [1.0, 1.0, 1.0]
    assert items[0].score > items[1].score > items[2].score


def test_an_answer_says_that_it_is_none_of_a_pipeline(busy: Loop) -> None:
    answer = slate(busy, OPTED_OUT)
    assert (answer.pipeline, answer.fallback, answer.run) == ("popular", "opted_out", None)
    assert not answer.degraded


def test_each_answer_has_an_id_of_its_own(busy: Loop) -> None:
    assert slate(busy).recommendation_id != slate(busy).recommendation_id


def test_what_somebody_saw_makes_room_for_the_next(busy: Loop, send: Send) -> None:
    send(view("a", "anna"), view("b", "anna"))
    assert shown(busy, count=2) == ["c", "d"]


def test_a_given_history_takes_the_place_of_what_somebody_saw(busy: Loop, send: Send) -> None:
    send(view("a", "anna"))
    assert shown(busy, count=2, history=("b", "unknown")) == ["a", "c"]
    assert shown(busy, count=2, history=()) == ["a", "b"]


def test_who_opted_out_is_not_looked_up(busy: Loop, send: Send) -> None:
    send(view("a", "anna"))
    assert shown(busy, OPTED_OUT) == ["a", "b", "c"]


def test_excluded_and_retired_items_make_room_for_the_next(busy: Loop) -> None:
    asyncio.run(retire_item(busy, "b", Arrival(NOW_MS, busy.new_id)))
    assert shown(busy, exclude_item_ids=frozenset({"a", "unknown"})) == ["c", "d"]


def test_a_filter_holds_for_what_fills_up_as_well(busy: Loop) -> None:
    items = [("a", {"category": "x"}), ("d", {"category": "y"}), ("z", {"category": "y"})]
    asyncio.run(put_items(busy, items, Arrival(NOW_MS, busy.new_id)))
    kept = ItemFilter({"category": frozenset({"y"})})
    assert shown(busy, item_filter=kept) == ["d", "z"]


def test_what_happened_later_is_not_popular_yet(loop: Loop, send: Send) -> None:
    send(view("old", timestamp=NOW_MS - 100), view("new", timestamp=NOW_MS))
    scores = {item.item_id: item.score for item in slate(loop, as_of=NOW_MS - 50).items}
    assert scores["old"] > scores.get("new", 0.0) == 0.0


def test_a_live_runs_items_fill_up_the_answer(live: Loop, send: Send) -> None:
    send(view("i3"), view("new"))
    answer = shown(live, count=100)
    assert sorted(answer) == sorted([*(f"i{n}" for n in range(12)), "new"])
    assert set(answer[:2]) == {"i3", "new"}


def test_a_filter_keeps_out_what_it_knows_nothing_of(live: Loop) -> None:
    items = [("i3", {"category": "x"}), ("new", {"category": "x"})]
    asyncio.run(put_items(live, items, Arrival(NOW_MS, live.new_id)))
    kept = ItemFilter({"category": frozenset({"x"})})
    assert sorted(shown(live, item_filter=kept, count=100)) == ["i3", "new"]


def test_given_items_are_ranked_by_popularity_and_ties_stay(busy: Loop) -> None:
    assert shown(busy, item_ids=("y", "c", "x", "a")) == ["a", "c", "y", "x"]


def test_given_items_are_ranked_even_where_nothing_is_known(loop: Loop) -> None:
    answer = slate(loop, item_ids=("🛍️", "a/b"))
    assert [(item.item_id, item.score) for item in answer.items] == [("🛍️", 0.0), ("a/b", 0.0)]


@pytest.mark.parametrize("count", [1, 2, 4, 5, 1_000])
def test_an_answer_is_as_long_as_asked_or_as_there_is(busy: Loop, count: int) -> None:
    answer = shown(busy, count=count)
    assert len(answer) == min(count, 4)
    assert len(set(answer)) == len(answer)
