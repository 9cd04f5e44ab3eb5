"""The showcase asks, sends one event, and asks again until the answer has changed."""

from __future__ import annotations

import asyncio

import pytest

from coadapt.cli._play.play import Change
from coadapt.cli._play.showcase import change_by_one_event
from coadapt.cli._play.stage import STILL
from coadapt.simulation.worlds.base import World
from tests.unit.cli._play.conftest import NotingClient


class _Learning(NotingClient):
    """Turn the slate round some questions after an item went into the cart."""

    def __init__(self, item_ids: list[str], after_questions: int = 0) -> None:
        super().__init__(item_ids)
        self._left = after_questions

    async def recommend(self, person, count, project=None):
        slate = await super().recommend(person, count, project)
        if slate is not None and self.sent[-1]["type"] == "add_to_cart":
            slate["items"] = slate["items"][:: 1 if self._left > 0 else -1]
            self._left -= 1
        return slate


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coadapt.cli._play.showcase.MAX_WAIT_S", 0.05)


def _shown(world: World, client: NotingClient, n_th: int = 0) -> Change | None:
    return asyncio.run(change_by_one_event(world, client, n_th))


def test_both_slates_and_the_event_between_them_are_kept(world) -> None:
    change = _shown(world, _Learning(["a", "b"]))
    assert change is not None
    assert (change.before, change.after) == (("a", "b"), ("b", "a"))
    assert change.event["type"] == "add_to_cart"
    assert change.is_changed


def test_a_change_that_comes_a_little_later_is_waited_for(world) -> None:
    client = _Learning(["a", "b"], after_questions=3)
    change = _shown(world, client)
    assert change is not None
    assert change.is_changed
    assert len(client.asked) == 5


def test_no_change_is_told_as_none_after_a_while(world) -> None:
    change = _shown(world, NotingClient(["a", "b"]))
    assert change is not None
    assert not change.is_changed
    assert change.ms_until_changed >= 50


def test_without_an_answer_there_is_nothing_to_show(world) -> None:
    assert _shown(world, NotingClient([])) is None


def test_everything_happens_in_the_project_that_never_explores(world) -> None:
    client = _Learning(["a", "b"])
    _shown(world, client)
    assert set(client.projects) == {STILL}


def test_what_was_seen_is_of_another_category_than_what_is_wanted(world) -> None:
    client = _Learning(["a", "b"])
    change = _shown(world, client)
    assert change is not None
    assert (change.seen, change.event["item_id"]) == (("a/b",), "lamp")
    assert [event["type"] for event in client.sent] == ["page_view", "add_to_cart"]


def test_each_visitor_is_another_with_other_wishes(world) -> None:
    changes = [_shown(world, _Learning(["a", "b"]), n_th) for n_th in range(2)]
    visitors = {change.event["anonymous_id"] for change in changes if change}
    wishes = {change.event["item_id"] for change in changes if change}
    assert (len(visitors), len(wishes)) == (2, 2)
