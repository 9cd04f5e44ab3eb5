import asyncio
from collections.abc import Callable

import pytest

from coadapt.domain.errors import NotFoundError
from coadapt.domain.parsing import Arrival
from coadapt.domain.slates import Slate
from coadapt.serving.describe import put_items
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop
from coadapt.serving.similar import similar
from coadapt.serving.trending import trending

Send = Callable[..., Receipt]

NOW_MS = 1_795_300_000_000


def view(item_id: str, user_id: str = "anna") -> dict[str, str]:
    return {"type": "page_view", "user_id": user_id, "item_id": item_id}


def hide(loop: Loop, item_id: str) -> None:
    arrival = Arrival(NOW_MS, loop.new_id)
    asyncio.run(put_items(loop, [(item_id, {"available": False})], arrival))


def test_what_most_look_at_comes_first(loop: Loop, send: Send) -> None:
    send(view("cup"), view("tea"), view("tea", "ben"))
    assert [item for item, _ in trending(loop, "default", NOW_MS, 5)] == ["tea", "cup"]


def test_what_cannot_be_had_is_not_trending(loop: Loop, send: Send) -> None:
    send(view("cup"), view("tea"))
    hide(loop, "tea")
    assert [item for item, _ in trending(loop, "default", NOW_MS, 5)] == ["cup"]


def test_like_items_are_of_the_same_taste(live: Loop) -> None:
    found = asyncio.run(similar(live, "default", "i7", NOW_MS, 3))
    assert {item for item, _ in found.items} <= {f"i{row}" for row in range(6, 12)}
    assert found.fallback is None


def test_like_items_that_cannot_be_had_are_left_out(live: Loop) -> None:
    hide(live, "i8")
    found = asyncio.run(similar(live, "default", "i7", NOW_MS, 12))
    assert "i8" not in {item for item, _ in found.items}


def test_popular_items_stand_in_for_like_ones(loop: Loop, send: Send) -> None:
    send(view("cup"), view("tea"))
    found = asyncio.run(similar(loop, "default", "tea", NOW_MS, 3))
    assert ([item for item, _ in found.items], found.fallback) == (["cup"], "popular")


def test_an_item_that_nobody_named_is_not_found(loop: Loop) -> None:
    with pytest.raises(NotFoundError):
        asyncio.run(similar(loop, "default", "none", NOW_MS, 3))


def test_the_rest_of_the_catalogue_fills_up_a_popular_answer(
    loop: Loop, send: Send, ask: Callable[..., Slate]
) -> None:
    send(view("tea"))
    asyncio.run(put_items(loop, [("cup", {}), ("pot", {})], Arrival(NOW_MS, loop.new_id)))
    slate = ask("ben", exclude_item_ids=frozenset({"pot"}))
    assert [item.item_id for item in slate.items] == ["tea", "cup"]
