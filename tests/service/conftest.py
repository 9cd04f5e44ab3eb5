"""A real server process on a free port, and a run for it to serve."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from coadapt.stores.files import FileRunStore

START_S = 60.0

CONFIG = """
[data]
source = "synthetic"
path = ""
options = { n_users = 200, n_items = 60, n_events = 4000 }
[split]
kind = "leave_last_out"
[recommender]
name = "item_knn"
"""


class Server:
    """Run `coadapt serve` over one folder; may be killed and started again."""

    def __init__(self, folder: Path, runs: Path | None = None, settings: str = "") -> None:
        self.folder = folder
        self.runs = runs or folder / "runs"
        self.store_url = f"sqlite:///{folder / 'events.db'}"
        self.settings = folder / "coadapt.toml"
        self.settings.write_text(settings)
        self.url = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Server:
        command = [sys.executable, "-m", "coadapt", "serve", "--port", "0"]
        options = ["--config", self.settings, "--store", self.store_url, "--runs", self.runs]
        self.process = subprocess.Popen(
            [*command, *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        assert self.process.stdout is not None
        line = next((line for line in self.process.stdout if "http://" in line), "")
        self.url = line.split()[-1]
        return self

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._end(subprocess.Popen.kill)

    def stop(self) -> None:
        """End the process as an operator would."""
        self._end(subprocess.Popen.terminate)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20.0)

    def _end(self, signal: Callable[[subprocess.Popen[str]], None]) -> None:
        if self.process is None:
            return
        signal(self.process)
        self.process.wait(START_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None


def add_pipeline(runs: Path, policy: str = "greedy", **changes: Any) -> str:
    """Keep a pipeline of the newest run and return its reference."""
    store = FileRunStore(runs)
    run_id = store.runs()[0].run_id
    document = {"name": policy, "recommender": run_id, "policy": {"name": policy}, **changes}
    return store.add_pipeline(policy, document)


def wait_for(is_true: Callable[[], bool], every_s: float = 0.05) -> bool:
    """Ask again and again until something is true; False when the time is over."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if is_true():
            return True
        time.sleep(every_s)
    return False


@pytest.fixture(scope="session")
def trained_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    config = folder / "config.toml"
    config.write_text(CONFIG)
    command = [
        sys.executable,
        "-m",
        "coadapt",
        "train",
        config,
        "--runs",
        folder / "runs",
        "--json",
    ]
    printed = subprocess.run([*map(str, command)], capture_output=True, check=True).stdout
    assert json.loads(printed.splitlines()[-1])["run"]
    return folder / "runs"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    with ExitStack() as stack:

        def started(**options: Any) -> Server:
            server = Server(tmp_path, **options)
            stack.callback(server.stop)
            return server.start()

        yield started
