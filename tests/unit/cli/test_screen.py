"""Tables go to standard output and bars to standard error, so that output can be piped."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from coadapt.cli import _screen
from coadapt.cli._screen import print_table, progress_bar


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Console:
    """Return a terminal to draw bars on."""
    console = Console(file=StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr(_screen, "errors", console)
    return console


def _drawn(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_table_has_its_title_columns_and_rows(capsys) -> None:
    print_table("runs", ("run", "items"), [("a", "1"), ("b", "2,000")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "runs"
    assert "run" in lines[2]
    assert "items" in lines[2]
    assert [line.split("│")[1].strip() for line in lines[4:6]] == ["a", "b"]


def test_figures_stand_at_the_right_and_words_at_the_left(capsys) -> None:
    print_table("t", ("what", "figure"), [("x", "1"), ("long word", "10,000")])
    row = capsys.readouterr().out.splitlines()[4]
    assert row == "│ x         │      1 │"


def test_a_table_may_be_empty_and_hold_any_letters(capsys) -> None:
    print_table("t", ("what",), [])
    print_table("t", ("what",), [("🎉 日本",)])
    captured = capsys.readouterr()
    assert "🎉 日本" in captured.out
    assert captured.err == ""


def test_a_bar_writes_nothing_to_standard_output(capsys) -> None:
    with progress_bar("reading") as progress:
        progress(1, 2, "half")
    assert capsys.readouterr().out == ""


def test_a_bar_says_what_is_being_done(terminal: Console) -> None:
    with progress_bar("reading") as progress:
        progress(1, 2, "epoch 3")
    assert "epoch 3" in _drawn(terminal)
    assert "50%" in _drawn(terminal)


def test_without_a_message_a_bar_keeps_its_title(terminal: Console) -> None:
    with progress_bar("reading") as progress:
        progress(2, 2, "")
    assert "reading" in _drawn(terminal)
    assert "100%" in _drawn(terminal)


def test_an_error_ends_the_bar_and_goes_on(terminal: Console) -> None:
    with pytest.raises(KeyError), progress_bar("reading"):
        raise KeyError("mine")
    assert _drawn(terminal).endswith("\x1b[2K")


def test_brackets_stand_for_themselves(capsys) -> None:
    print_table("t [a]", ("what",), [("Shirt [red]",), ("a[/b]",)])
    _screen.screen.print("see [evaluation] skip_seen")
    printed = capsys.readouterr().out
    assert all(text in printed for text in ("t [a]", "Shirt [red]", "a[/b]", "see [evaluation]"))


def test_brackets_in_a_message_stand_for_themselves(terminal: Console) -> None:
    with progress_bar("reading") as progress:
        progress(1, 2, "file[/1].csv")
    assert "file[/1].csv" in _drawn(terminal)
