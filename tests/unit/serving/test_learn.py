from collections.abc import Callable, Sequence

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.domain.slates import Feedback, Slate
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline

Send = Callable[..., Receipt]
Ask = Callable[..., Slate]

NOW_MS = 1_795_300_000_000


@pytest.fixture
def learned(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> list[Feedback]:
    seen: list[Feedback] = []

    def update(feedback: Sequence[Feedback]) -> None:
        seen.extend(feedback)

    monkeypatch.setattr(pipeline.policy, "update", update)
    return seen


def click(item_id: str, **more: object) -> dict[str, object]:
    return {"type": "select_item", "user_id": "anna", "item_id": item_id, **more}


def test_a_click_is_due_to_the_slate_that_it_names(
    live: Loop, send: Send, ask: Ask, learned: list[Feedback]
) -> None:
    slate = ask("anna")
    send(click("i1", recommendation_id=slate.recommendation_id, value=2.5))
    assert learned == [Feedback(slate.recommendation_id, "i1", "select_item", 2.5, NOW_MS)]


def test_a_click_without_a_slate_is_due_to_the_last_that_showed_the_item(
    live: Loop, send: Send, ask: Ask, learned: list[Feedback]
) -> None:
    ask("anna")
    last = ask("anna")
    send(click(last.items[0].item_id))
    assert [feedback.recommendation_id for feedback in learned] == [last.recommendation_id]


def test_a_late_click_is_due_to_the_slate_before_it(
    live: Loop, send: Send, ask: Ask, learned: list[Feedback]
) -> None:
    first = ask("anna", as_of=NOW_MS - 2_000)
    ask("anna")
    send(click(first.items[0].item_id, timestamp=NOW_MS - 1_000))
    assert [feedback.recommendation_id for feedback in learned] == [first.recommendation_id]


def test_another_persons_slate_earns_nothing(
    live: Loop, send: Send, ask: Ask, learned: list[Feedback]
) -> None:
    slate = ask("ben")
    send(click(slate.items[0].item_id, recommendation_id=slate.recommendation_id))
    assert learned == []


def test_a_reward_comes_within_the_window(
    live: Loop, send: Send, ask: Ask, learned: list[Feedback]
) -> None:
    slate = ask("anna", as_of=NOW_MS - 8 * DAY_MS)
    send(click(slate.items[0].item_id))
    assert learned == []


def test_attributed_events_are_counted(live: Loop, send: Send, ask: Ask) -> None:
    send(click(ask("anna").items[0].item_id))
    assert live.tally.counts()["attributed_events", "default", "select_item"] == 1
