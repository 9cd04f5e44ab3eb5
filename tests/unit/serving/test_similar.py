"""Like items are the nearest that may be shown, and popular ones stand in for them."""

import asyncio
from collections.abc import Callable

import pytest

from coadapt.domain.errors import NotFoundError
from coadapt.domain.parsing import Arrival
from coadapt.serving.describe import put_items, retire_item
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop
from coadapt.serving.similar import Neighbours, similar

Send = Callable[..., Receipt]

NOW_MS = 1_795_300_000_000


def view(item_id: str, user_id: str = "anna") -> dict[str, str]:
    return {"type": "page_view", "user_id": user_id, "item_id": item_id}


def like(loop: Loop, item_id: str, count: int = 3, project: str = "default") -> Neighbours:
    return asyncio.run(similar(loop, project, item_id, NOW_MS, count))


def ids(found: Neighbours) -> list[str]:
    return [item_id for item_id, _ in found.items]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_as_many_come_as_were_asked_for(live: Loop, count: int) -> None:
    assert len(like(live, "i7", count).items) == count


def test_the_nearest_come_first_and_none_twice(live: Loop) -> None:
    found = like(live, "i7", 5)
    scores = [score for _, score in found.items]
    assert scores == sorted(scores, reverse=True)
    assert len(set(ids(found))) == 5


def test_an_item_is_not_like_itself(live: Loop) -> None:
    assert "i7" not in ids(like(live, "i7", 1_000))


def test_what_is_hidden_makes_room_for_the_next(live: Loop) -> None:
    nearest = ids(like(live, "i7"))
    asyncio.run(retire_item(live, nearest[0], Arrival(NOW_MS, live.new_id)))
    found = ids(like(live, "i7"))
    assert len(found) == 3
    assert found[:2] == nearest[1:]


def test_an_item_that_the_run_does_not_know_has_popular_ones(live: Loop, send: Send) -> None:
    send(view("new"), view("i7"))
    found = like(live, "new")
    assert (ids(found), found.fallback) == (["i7"], "popular")


def test_a_described_item_is_known_before_its_first_event(loop: Loop, send: Send) -> None:
    send(view("tea"))
    asyncio.run(put_items(loop, [("cup/🛍️", {})], Arrival(NOW_MS, loop.new_id)))
    assert ids(like(loop, "cup/🛍️")) == ["tea"]


def test_the_item_itself_takes_no_place_among_popular_ones(loop: Loop, send: Send) -> None:
    send(*(view(item, f"u{n}") for n in range(3) for item in ("a", "b", "c", "d")[: 4 - n]))
    assert ids(like(loop, "a", 2)) == ["b", "c"]


def test_a_project_without_a_pipeline_knows_nothing_of_anothers(live: Loop) -> None:
    with pytest.raises(NotFoundError):
        like(live, "i7", project="other")
