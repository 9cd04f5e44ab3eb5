"""What clients say of items and people is in the log and holds from the next answer on."""

import asyncio
from collections import Counter

import pytest

from coadapt.domain.errors import ForbiddenError, InvalidInputError
from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person
from coadapt.serving.describe import put_consent, put_item, put_items, put_user, retire_item
from coadapt.serving.erase import erase
from coadapt.serving.loop import Loop

NOW_MS = 1_795_300_000_000
ANNA = Person(user_id="anna")


@pytest.fixture
def arrival(loop: Loop) -> Arrival:
    return Arrival(NOW_MS, loop.new_id, project="shop")


def types(loop: Loop) -> list[str]:
    return [name for batch in loop.store.scan() for name in batch.column("type").to_pylist()]


def test_what_is_said_of_an_item_holds_when_the_call_returns(loop: Loop, arrival: Arrival) -> None:
    assert asyncio.run(put_items(loop, [("a", {"price": 1}), ("b", {})], arrival)) == 2
    assert loop.features.item("shop", "a", as_of=NOW_MS) == {"price": 1}
    assert loop.features.item("default", "a", as_of=NOW_MS) is None


def test_a_wrong_item_keeps_the_others_out_of_the_log(loop: Loop, arrival: Arrival) -> None:
    with pytest.raises(InvalidInputError) as caught:
        asyncio.run(put_items(loop, [("a", {}), ("", {})], arrival))
    assert caught.value.field == "items[1].item_id"
    assert types(loop) == []


def test_a_single_item_is_named_without_a_place(loop: Loop, arrival: Arrival) -> None:
    with pytest.raises(InvalidInputError) as caught:
        asyncio.run(put_item(loop, "a", {"price": -1}, arrival))
    assert caught.value.field == "price"


def test_no_items_are_no_event(loop: Loop, arrival: Arrival) -> None:
    assert asyncio.run(put_items(loop, [], arrival)) == 0
    assert types(loop) == []


def test_a_retired_item_stays_in_the_log(loop: Loop, arrival: Arrival) -> None:
    asyncio.run(put_items(loop, [("a", {})], arrival))
    asyncio.run(retire_item(loop, "a", arrival))
    assert types(loop) == ["$item", "$item_retired"]
    assert loop.features.item("shop", "a", as_of=NOW_MS) is None


def test_ties_and_properties_add_up(loop: Loop, arrival: Arrival) -> None:
    asyncio.run(put_user(loop, ANNA, {"properties": {"a": 1}, "follows": ["ben"]}, arrival))
    asyncio.run(put_user(loop, ANNA, {"properties": {"b": 2}}, arrival))
    profile = loop.features.profile("shop", ANNA, as_of=NOW_MS)
    assert profile is not None
    assert (profile.properties, profile.follows) == ({"a": 1, "b": 2}, ("ben",))


def test_the_last_choice_holds(loop: Loop, arrival: Arrival) -> None:
    asyncio.run(put_consent(loop, ANNA, {"personalization": True}, arrival))
    asyncio.run(put_consent(loop, ANNA, {"personalization": False}, arrival))
    assert not loop.features.is_personalized("shop", ANNA, as_of=NOW_MS)
    assert loop.features.is_personalized("default", ANNA, as_of=NOW_MS)


def test_an_erased_person_is_described_no_more(loop: Loop, arrival: Arrival) -> None:
    asyncio.run(erase(loop, "shop", Person(user_id="anna")))
    with pytest.raises(ForbiddenError) as caught:
        asyncio.run(put_user(loop, ANNA, {}, arrival))
    assert (caught.value.code, caught.value.field) == ("erased", "user_id")
    assert types(loop) == []


def test_an_erased_visitor_is_named_by_the_id_that_was_sent(loop: Loop, arrival: Arrival) -> None:
    visitor = Person(anonymous_id="cookie-888888")
    asyncio.run(erase(loop, "shop", visitor))
    with pytest.raises(ForbiddenError) as caught:
        asyncio.run(put_consent(loop, visitor, {"personalization": False}, arrival))
    assert caught.value.field == "anonymous_id"


def test_descriptions_at_the_same_time_are_all_kept(loop: Loop, arrival: Arrival) -> None:
    async def describe_all() -> None:
        items = [(f"i{n}", {"price": n}) for n in range(50)]
        await asyncio.gather(*(put_items(loop, [item], arrival) for item in items))

    asyncio.run(describe_all())
    assert Counter(types(loop)) == {"$item": 50}
    assert loop.features.item("shop", "i49", as_of=NOW_MS) == {"price": 49}
