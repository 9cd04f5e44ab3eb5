import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest

from coadapt.domain.errors import OverloadedError, StoreFullError
from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person
from coadapt.serving.erase import erase
from coadapt.serving.ingest import Receipt, ingest
from coadapt.serving.live import Live
from coadapt.serving.loop import Loop
from coadapt.serving.rules import ProjectRules

NOW_MS = 1_795_300_000_000
VIEW = {"type": "page_view", "user_id": "anna", "item_id": "tea"}
Send = Callable[..., Receipt]


def history(loop: Loop, user_id: str = "anna") -> list[str]:
    past = loop.features.past("default", Person(user_id=user_id), as_of=2**60)
    return [loop.features.item_ids("default")[number] for number in past.items]


def test_an_accepted_event_is_in_the_log_and_in_the_state(loop: Loop, send: Send) -> None:
    assert send(VIEW).accepted == 1
    assert (loop.store.last_position(), history(loop)) == (1, ["tea"])


def test_what_was_received_is_accepted_repeated_or_refused(send: Send) -> None:
    receipt = send(VIEW | {"event_id": "a"}, VIEW | {"event_id": "a"}, VIEW | {"value": True})
    assert (receipt.accepted, receipt.duplicate, len(receipt.rejected)) == (1, 1, 1)


def test_an_event_sent_twice_counts_once(loop: Loop, send: Send) -> None:
    send(VIEW | {"event_id": "a"})
    assert send(VIEW | {"event_id": "a"}).duplicate == 1
    assert history(loop) == ["tea"]


def test_the_same_id_with_another_body_is_a_conflict(send: Send) -> None:
    send(VIEW | {"event_id": "a"})
    (refused,) = send(VIEW | {"event_id": "a", "item_id": "cup"}).rejected
    assert (refused.code, refused.event_id) == ("conflict", "a")


def test_a_refused_event_is_kept_with_its_reason(loop: Loop, send: Send) -> None:
    send(VIEW | {"value": "much"})
    ((_, kept),) = loop.store.rejected("default")
    assert (kept.code, kept.field, kept.user_id) == ("invalid_value", "value", "anna")


def test_a_dry_run_stores_nothing(loop: Loop, send: Send) -> None:
    receipt = send(VIEW, {"type": "x"}, is_dry_run=True)
    assert (receipt.accepted, len(receipt.rejected)) == (1, 1)
    assert (loop.store.last_position(), loop.store.rejected("default")) == (0, [])


def test_an_erased_person_is_refused_and_leaves_no_body(loop: Loop, send: Send) -> None:
    asyncio.run(erase(loop, "default", Person(user_id="anna")))
    (refused,) = send(VIEW).rejected
    assert (refused.code, refused.field) == ("erased", "user_id")
    assert loop.store.rejected("default") == []


def test_an_erased_visitor_is_named_by_the_id_that_was_sent(loop: Loop, send: Send) -> None:
    asyncio.run(erase(loop, "default", Person(anonymous_id="cookie-888888")))
    (refused,) = send({"type": "view_item", "anonymous_id": "cookie-888888"}).rejected
    assert (refused.code, refused.field) == ("erased", "anonymous_id")


def test_events_are_folded_in_the_order_of_the_log(loop: Loop, send: Send) -> None:
    futures = [send(VIEW | {"item_id": f"i{n}"}) for n in range(20)]
    assert len(futures) == 20
    assert history(loop) == [f"i{n}" for n in range(20)]


def test_a_refused_event_is_kept_under_the_project_that_it_names(loop: Loop, send: Send) -> None:
    send(VIEW | {"project": "books", "value": "much"}, VIEW | {"project": 5}, "no event")
    assert len(loop.store.rejected("books")) == 1
    assert len(loop.store.rejected("default")) == 2


def test_events_are_counted_for_the_project_that_they_name(loop: Loop, send: Send) -> None:
    send(VIEW, VIEW | {"project": "books"}, VIEW | {"project": "books", "value": "much"})
    assert loop.tally.counts() == {
        ("events", "default", "accepted"): 1,
        ("events", "books", "accepted"): 1,
        ("events", "books", "rejected"): 1,
    }


def test_any_time_is_taken_for_a_project_that_replays(loop: Loop) -> None:
    old = VIEW | {"timestamp": "1970-01-02"}
    ruled = replace(loop, live=Live({"past": ProjectRules(is_replay=True)}))
    bodies = [old | {"project": "past"}, old]
    receipt = asyncio.run(ingest(ruled, bodies, Arrival(NOW_MS, loop.new_id)))
    assert (receipt.accepted, [refused.index for refused in receipt.rejected]) == (1, [1])


def test_a_replaying_caller_lends_no_other_project_its_rules(loop: Loop) -> None:
    body = VIEW | {"timestamp": "1970-01-02", "project": "strict"}
    arrival = Arrival(NOW_MS, loop.new_id, is_replay=True)
    assert asyncio.run(ingest(loop, [body], arrival)).accepted == 0


def reject_when_busy(rejections: object) -> Future[None]:
    raise OverloadedError("busy")


def reject_on_a_full_disk(rejections: object) -> Future[None]:
    failed: Future[None] = Future()
    failed.set_exception(StoreFullError("full"))
    return failed


@pytest.mark.parametrize("reject", [reject_when_busy, reject_on_a_full_disk])
def test_what_is_stored_is_told_also_when_refusals_cannot_be_kept(
    loop: Loop, send: Send, monkeypatch: pytest.MonkeyPatch, reject: Callable[..., Future[None]]
) -> None:
    monkeypatch.setattr(loop.store, "reject", reject)
    receipt = send(VIEW, VIEW | {"value": "much"})
    assert (receipt.accepted, [refused.index for refused in receipt.rejected]) == (1, [1])
    assert loop.tally.counts()["unkept_rejections", "default", ""] == 1
