from collections.abc import Callable

import numpy as np
import pytest

from coadapt.domain.durations import MINUTE_MS
from coadapt.domain.slates import Slate
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop
from coadapt.serving.pipeline import Pipeline

NOW_MS = 1_795_300_000_000

Send = Callable[..., Receipt]
Ask = Callable[..., Slate]


def add(item_id: str, event_id: str, minutes_ago: int) -> dict[str, object]:
    return {
        "type": "add_to_cart",
        "user_id": "anna",
        "item_id": item_id,
        "event_id": event_id,
        "timestamp": NOW_MS - minutes_ago * MINUTE_MS,
    }


def test_a_reason_names_the_most_similar_event_of_the_past(
    live: Loop, send: Send, ask: Ask, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), 6, axis=0)
    monkeypatch.setattr(pipeline.recommender, "item_vectors", lambda: vectors)
    send(add("i1", "far", 200), add("i7", "near", 3))
    item = next(i for i in ask("anna", explain=True, count=10).items if int(i.item_id[1:]) >= 6)
    (reason,) = item.reasons
    assert (reason.text, reason.evidence) == ("You added i7 to your cart 3 minutes ago", ("near",))
    assert reason.weight == pytest.approx(1.0)


def test_without_item_vectors_no_reason_is_made_up(live: Loop, send: Send, ask: Ask) -> None:
    send(add("i7", "near", 3))
    assert all(item.reasons == () for item in ask("anna", explain=True).items)


def test_reasons_are_given_only_when_asked_for(live: Loop, send: Send, ask: Ask) -> None:
    send(add("i7", "near", 3))
    assert ask("anna").items[0].reasons == ()
