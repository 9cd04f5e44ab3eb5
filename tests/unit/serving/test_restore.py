from collections.abc import Callable

import pytest

from coadapt.domain.events import Event
from coadapt.domain.queries import Person
from coadapt.domain.slates import Slate
from coadapt.serving.ingest import Receipt
from coadapt.serving.loop import Loop, assemble
from coadapt.serving.restore import restore
from coadapt.stores.memory import MemoryFeatureStore

ANNA = Person(user_id="anna")


def test_a_restored_loop_knows_histories_and_slates(
    loop: Loop, send: Callable[..., Receipt], ask: Callable[..., Slate]
) -> None:
    send({"type": "like", "user_id": "anna", "item_id": "tea"})
    slate = ask("ben")
    restored = assemble(loop.store, MemoryFeatureStore(), loop.runs)
    restore(restored, lambda done, total, message: None)
    assert restored.features.position == loop.features.position
    assert restored.learner.exposures.find(slate.recommendation_id) is not None


def test_progress_reaches_the_end(loop: Loop, send: Callable[..., Receipt]) -> None:
    send({"type": "like", "user_id": "anna", "item_id": "tea"})
    seen: list[tuple[float, float]] = []
    restored = assemble(loop.store, MemoryFeatureStore(), loop.runs)
    restore(restored, lambda done, total, message: seen.append((done, total)))
    assert seen == [(1, 1)]


def test_a_malformed_record_of_an_answer_is_skipped_and_told(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    sound = Event("r1", "$recommendation", 1, user_id="ben", properties={"items": ["tea"]})
    broken = Event("r2", "$recommendation", 1, user_id="ben", properties={"scores": [1.0]})
    loop.journal.append([broken, Event("r3", "$recommendation", 1), sound]).result(30)
    restored = assemble(loop.store, MemoryFeatureStore(), loop.runs)
    restore(restored, lambda done, total, message: None)
    assert len(restored.learner.exposures) == 1
    assert restored.tally.counts()["malformed_slates", "default", ""] == 2
    assert "skipped 2 records" in caplog.text
