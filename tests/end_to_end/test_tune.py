"""A study that is killed goes on as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CONFIG = """
[data]
source = "synthetic"
options = { n_users = 60, n_items = 40, n_events = 1200 }
[recommender]
name = "sasrec"
options = { max_epochs = 2, embedding_dim = 16, max_length = 20 }
[tuning]
searcher = "tpe"
options = { n_startup_trials = 2 }
trials = 6
[tuning.space]
embedding_dim = 16
n_layers = 1
n_heads = 1
max_length = 10
max_tokens = 256
"""


def command(config: Path, folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "coadapt", "tune", str(config), "--study", str(folder), *options]


def journal(folder: Path) -> list[dict[str, Any]]:
    path = folder / "journal.jsonl"
    content = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in content.splitlines(keepends=True) if line.endswith(b"\n")]


def n_told(folder: Path) -> int:
    return sum("told" in line for line in journal(folder))


def interrupt(config: Path, folder: Path, until: Callable[[], bool], how: signal.Signals) -> int:
    """Start a study in a group of its own, and send it a signal as soon as `until` says so."""
    process = subprocess.Popen(command(config, folder), start_new_session=True)
    while not until():
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, how)
    return process.wait(timeout=30)


def trials(folder: Path) -> list[tuple[int, Any, Any]]:
    """Return number, values and value of each trial in the order of asking."""
    told = {line["told"]: line["value"] for line in journal(folder) if "told" in line}
    asked = [line for line in journal(folder) if "asked" in line]
    return [(line["asked"], line["values"], told.get(line["asked"])) for line in asked]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def whole(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that nobody interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "study"
    subprocess.run(command(config, folder), check=True, timeout=240, capture_output=True)
    return folder


def test_a_study_killed_twice_is_the_one_that_was_not(config, whole, tmp_path) -> None:
    folder = tmp_path / "study"
    interrupt(config, folder, lambda: len(journal(folder)) >= 2, signal.SIGKILL)
    interrupt(config, folder, lambda: n_told(folder) >= 2, signal.SIGKILL)
    assert n_told(folder) < 6
    subprocess.run(command(config, folder), check=True, timeout=240, capture_output=True)
    assert trials(folder) == trials(whole)
    assert (folder / "best.toml").read_text() == (whole / "best.toml").read_text()


def test_ctrl_c_says_where_the_study_is_and_leaves_it_whole(config, tmp_path) -> None:
    folder = tmp_path / "study"
    code = interrupt(config, folder, lambda: n_told(folder) >= 1, signal.SIGINT)
    assert code == 130
    assert all(isinstance(line, dict) for line in journal(folder))
