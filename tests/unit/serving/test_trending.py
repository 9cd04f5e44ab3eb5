"""What trends is of now, of the project, and may be shown."""

import asyncio
from collections.abc import Callable

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.parsing import Arrival
from coadapt.serving.describe import put_items, retire_item
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop
from coadapt.serving.trending import trending

Send = Callable[..., Receipt]

NOW_MS = 1_795_300_000_000


def view(item_id: str, user_id: str = "anna", **more: object) -> dict[str, object]:
    return {"type": "page_view", "user_id": user_id, "item_id": item_id, **more}


def ids(loop: Loop, count: int = 5, as_of: int = NOW_MS, project: str = "default") -> list[str]:
    return [item_id for item_id, _ in trending(loop, project, as_of, count)]


def test_where_nothing_happened_nothing_trends(loop: Loop) -> None:
    assert trending(loop, "default", NOW_MS, 5) == []


def test_new_interest_counts_more_than_old(loop: Loop, send: Send) -> None:
    long_ago = NOW_MS - 3 * DAY_MS
    send(view("old", "a", timestamp=long_ago), view("old", "b", timestamp=long_ago), view("new"))
    assert ids(loop) == ["new", "old"]
    assert ids(loop, as_of=long_ago) == ["old"]


def test_what_happens_later_does_not_trend_yet(loop: Loop, send: Send) -> None:
    send(view("now", timestamp=NOW_MS - 9), view("later", timestamp=NOW_MS))
    assert ids(loop, as_of=NOW_MS - 5) == ["now"]


def test_hidden_items_make_room_for_the_next(loop: Loop, send: Send) -> None:
    send(*(view(item, f"u{n}") for n in range(4) for item in ("a", "b", "c", "d")[: 4 - n]))
    arrival = Arrival(NOW_MS, loop.new_id)
    asyncio.run(retire_item(loop, "a", arrival))
    asyncio.run(put_items(loop, [("b", {"available": False})], arrival))
    assert ids(loop, count=2) == ["c", "d"]


def test_an_item_without_events_does_not_trend(loop: Loop, send: Send) -> None:
    asyncio.run(put_items(loop, [("quiet", {})], Arrival(NOW_MS, loop.new_id)))
    send(view("tea"))
    assert ids(loop) == ["tea"]


@pytest.mark.parametrize("event_type", ["not_interested", "session_end", "refund"])
def test_what_shows_no_interest_does_not_trend(loop: Loop, send: Send, event_type: str) -> None:
    send(view("tea") | {"type": event_type})
    assert ids(loop) == []


def test_projects_trend_apart(loop: Loop, send: Send) -> None:
    send(view("tea"), view("cup", project="other"))
    assert (ids(loop), ids(loop, project="other")) == (["tea"], ["cup"])
