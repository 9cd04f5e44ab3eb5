"""A journal keeps each epoch's figures and counts only the time that training took."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.training.journal import Journal

LINES = st.lists(
    st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.none() | st.floats(0, 1))
)


class _Clock:
    """Stand in for the processor's time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 100.0
        monkeypatch.setattr(time, "process_time", lambda: self.now_s)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    return _Clock(monkeypatch)


def _timed(clock: _Clock, max_cpu_seconds: float | None) -> Journal:
    return Journal(max_cpu_seconds, started=clock.now_s)


def _noted(*values: float | None) -> Journal:
    journal = Journal(None)
    for epoch, value in enumerate(values, 1):
        journal.note(epoch, 1.0 / epoch, value)
    return journal


def test_the_best_epoch_is_that_of_the_best_validation() -> None:
    assert _noted(0.1, 0.3, 0.2).best_epoch == 2


def test_of_equally_good_epochs_the_first_is_best() -> None:
    assert _noted(0.1, 0.3, 0.3).best_epoch == 2


def test_epochs_that_were_not_validated_do_not_count() -> None:
    assert _noted(None, 0.1, None).best_epoch == 2


def test_without_a_validation_no_epoch_is_best() -> None:
    assert _noted().best_epoch is None
    assert _noted(None, None).best_epoch is None


@given(LINES)
def test_the_text_is_one_json_object_a_line(noted) -> None:
    journal = Journal(None)
    for epoch, (loss, value) in enumerate(noted, 1):
        journal.note(epoch, loss, value)
    lines = [json.loads(line) for line in journal.text().splitlines()]
    assert [(line["loss"], line["value"]) for line in lines] == noted
    assert [line["epoch"] for line in lines] == list(range(1, len(noted) + 1))


def test_nothing_noted_is_no_text() -> None:
    assert Journal(None).text() == ""


def test_the_time_counts_from_the_start(clock: _Clock) -> None:
    journal = _timed(clock, None)
    clock.now_s += 3.0
    journal.note(1, 0.5, None)
    assert journal.lines[0]["cpu_s"] == 3.0


def test_validation_is_left_out_of_the_account(clock: _Clock) -> None:
    journal = _timed(clock, None)

    def validate() -> float:
        clock.now_s += 60.0
        return 0.25

    assert journal.excluding(validate)() == 0.25
    clock.now_s += 2.0
    assert journal.cpu_seconds() == pytest.approx(2.0)


def test_validations_add_up(clock: _Clock) -> None:
    journal = _timed(clock, 1.0)
    validate = journal.excluding(lambda: setattr(clock, "now_s", clock.now_s + 5) or 0.0)
    validate()
    validate()
    assert journal.cpu_seconds() == pytest.approx(0.0)
    assert not journal.is_over()


def test_it_is_over_when_the_time_granted_is_spent(clock: _Clock) -> None:
    journal = _timed(clock, 10.0)
    clock.now_s += 9.9
    assert not journal.is_over()
    clock.now_s += 0.1
    assert journal.is_over()


def test_without_a_limit_it_is_never_over(clock: _Clock) -> None:
    journal = _timed(clock, None)
    clock.now_s += 1e9
    assert not journal.is_over()
