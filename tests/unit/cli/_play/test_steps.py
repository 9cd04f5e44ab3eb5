"""A step shows a bar while it runs and leaves one line with what came of it."""

from __future__ import annotations

from contextlib import contextmanager
from io import StringIO

import pytest
from rich.console import Console

from coadapt.cli._play.steps import Steps


@pytest.fixture
def console() -> Console:
    return Console(file=StringIO(), width=60)


def _lines(console: Console) -> list[str]:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_a_step_is_told_when_it_is_done(console) -> None:
    steps = Steps(console)
    with steps.step("making a shop"):
        assert _lines(console) == []
        steps.told = "90 items"
    assert _lines(console) == ["✓ making a shop: 90 items 0.0 s"]


def test_what_was_told_of_one_step_is_not_told_of_the_next(console) -> None:
    steps = Steps(console)
    with steps.step("first"):
        steps.told = "much"
    with steps.step("second"):
        pass
    assert _lines(console)[1] == "✓ second 0.0 s"


def test_a_step_that_fails_is_not_told_as_done(console) -> None:
    with pytest.raises(KeyError), Steps(console).step("first"):
        raise KeyError("mine")
    assert _lines(console) == []


def test_a_long_line_is_not_broken(console) -> None:
    steps = Steps(console)
    with steps.step("first"):
        steps.told = "x" * 200
    assert len(_lines(console)) == 1


def test_without_a_terminal_progress_draws_nothing(console) -> None:
    with Steps(console).step("first") as progress:
        progress(1, 2, "half")
        assert _lines(console) == []


def test_on_a_terminal_progress_says_what_is_being_done() -> None:
    console = Console(file=StringIO(), width=60, force_terminal=True)
    with Steps(console).step("first") as progress:
        progress(1, 2, "epoch 3")
    assert "epoch 3" in "".join(_lines(console))


def test_a_context_is_entered_as_a_step_and_left_at_the_end(console) -> None:
    told: list[str] = []

    @contextmanager
    def opened():
        told.append("opened")
        yield "service"
        told.append("closed")

    with Steps(console).starting("starting", opened()) as inner:
        told.append(f"{inner} used, {len(_lines(console))} line")
    assert told == ["opened", "service used, 1 line", "closed"]


def test_a_context_is_left_when_its_use_fails(console) -> None:
    told: list[str] = []

    @contextmanager
    def opened():
        try:
            yield
        finally:
            told.append("closed")

    with pytest.raises(KeyError), Steps(console).starting("starting", opened()):
        raise KeyError("mine")
    assert told == ["closed"]
