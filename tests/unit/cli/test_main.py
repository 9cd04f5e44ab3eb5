"""The command line answers at once, loads what is called, and ends errors with one line."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from coadapt import __version__
from coadapt.cli import main as main_file
from coadapt.cli.main import COMMANDS, main
from coadapt.domain.errors import DataError

HEAVY = ("torch", "polars", "numpy", "sqlalchemy", "fastapi", "scipy", "pydantic")


def _ended(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int | str | None:
    """Run main with an app that fails and return the exit status."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(main_file, "app", fail)
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code


def test_help_lists_every_command_with_what_it_does(call) -> None:
    printed = call("--help").stdout
    assert all(name in printed for name in COMMANDS)
    assert all(text.split(".")[0][:30] in printed for text in COMMANDS.values())


def test_nothing_asked_is_helped(call) -> None:
    assert "Usage" in call().output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_file_with_an_app(name: str) -> None:
    assert import_module(f"coadapt.cli.{name}").app


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(call, name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert COMMANDS[name].split(".")[0][:40] in " ".join(result.stdout.split())


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from coadapt.cli.main import app;"
        "CliRunner().invoke(app, ['--help']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert answer.stdout.decode().strip() == "[]"


def test_the_version_is_printed_alone(call) -> None:
    assert call("--version").stdout == f"coadapt {__version__}\n"


@pytest.mark.parametrize("name", ["trian", "main", "_options", ""])
def test_an_unknown_command_is_refused(call, name: str) -> None:
    result = call(name)
    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_a_named_error_is_one_line_without_a_traceback(monkeypatch, capsys) -> None:
    assert _ended(monkeypatch, DataError("line 3: no user id")) == 1
    captured = capsys.readouterr()
    assert captured.err == "error (invalid_data): line 3: no user id\n"
    assert captured.out == ""


def test_ctrl_c_is_no_error_of_ours(monkeypatch, capsys) -> None:
    assert _ended(monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_a_bug_is_not_hidden(monkeypatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main_file, "app", fail)
    with pytest.raises(ZeroDivisionError):
        main()


def test_a_reader_who_has_enough_ends_it_quietly() -> None:
    command = f"{sys.executable} -m coadapt data sources | head -1"
    answer = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert answer.stderr == b""
