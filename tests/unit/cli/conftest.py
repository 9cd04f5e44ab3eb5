"""Two small runs, trained once, that the commands are called on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import pytest
from typer.testing import CliRunner

from coadapt.cli.main import app

CONFIG = """
[data]
source = "synthetic"
options = { n_users = 60, n_items = 30, n_events = 1500 }
[recommender]
name = "NAME"
[evaluation]
ks = [5]
n_bootstrap = 20
"""

Call = Callable[..., click.testing.Result]


@pytest.fixture(scope="session")
def call() -> Call:
    """Call a command in this process; an error is the result's `exception`."""

    def call(*arguments: object) -> click.testing.Result:
        return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(each) for each in arguments])

    return call


@pytest.fixture(scope="session")
def call_json(call: Call) -> Callable[..., Any]:
    """Call a command with --json and return what it printed."""

    def call_json(*arguments: object) -> Any:
        result = call(*arguments, "--json")
        assert result.exit_code == 0, result.exception
        return json.loads(result.stdout)

    return call_json


@pytest.fixture(scope="session")
def write_config(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write the tiny shop's config for a method."""

    def write(name: str) -> Path:
        path = tmp_path_factory.mktemp("configs") / f"{name}.toml"
        path.write_text(CONFIG.replace("NAME", name))
        return path

    return write


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the two runs."""
    return tmp_path_factory.mktemp("trained") / "runs"


@pytest.fixture(scope="session")
def trained(runs: Path, call_json, write_config) -> dict[str, str]:
    """Return the ids of a run of popularity and of item_knn, by method."""
    return {
        name: call_json("train", write_config(name), "--runs", runs)["run"]
        for name in ("popularity", "item_knn")
    }
