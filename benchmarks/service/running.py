"""Train a run to serve, start the service on it in a process of its own, and stop it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

SYNTHETIC: Final = """\
[data]
source = "synthetic"

[data.options]
n_users = 6040
n_items = 3416
n_events = 1000000
"""

MOVIELENS: Final = """\
[data]
source = "movielens_1m"
path = "ml-1m"

[preprocessing]
min_item_events = 5
"""

SASREC: Final = """
[recommender]
name = "sasrec"

[training]
n_threads = 1
max_cpu_seconds = {cpu_seconds}
validation_users = 200
"""


def write_config(path: Path, *, has_data: bool, cpu_seconds: float) -> Path:
    """Write the config of a SASRec run on MovieLens 1M or on made-up data of its size."""
    data = MOVIELENS if has_data else SYNTHETIC
    path.write_text(data + SASREC.format(cpu_seconds=cpu_seconds), encoding="utf-8")
    return path


def train(config: Path, runs: Path, data_root: Path | None) -> str:
    """Train through the command line and return the run's name. Raises SystemExit."""
    command = [sys.executable, "-m", "coadapt", "train", str(config), "--runs", str(runs), "--json"]
    if data_root is not None:
        command += ["--data-root", str(data_root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit("training failed; its message is above")
    run: str = json.loads(done.stdout)["run"]
    return run


@contextmanager
def service(run: str, runs: Path, folder: Path) -> Iterator[str]:
    """Start the service with an empty log on a free port and yield its URL. Raises SystemExit."""
    store = folder / "log.db"
    for file in folder.glob("log.db*"):
        file.unlink()
    command = [sys.executable, "-m", "coadapt", "serve", "--port", "0", "--run", run]
    command += ["--runs", str(runs), "--store", f"sqlite:///{store}"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield _url(process)
        finally:
            process.terminate()


def check_personal(url: str, user_id: str) -> None:
    """Ask for one user, so that no fallback is measured. Raises SystemExit when one answers."""
    body = json.dumps({"user_id": user_id, "count": 10}).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{url}/v1/recommend", body, headers), timeout=60) as response:
        slate = json.load(response)
    if slate["fallback"] is not None or len(slate["items"]) != 10:
        raise SystemExit(f"the service answers by its fallback ({slate['fallback']}): wrong --run?")


def _url(process: subprocess.Popen[str]) -> str:
    """Read the URL that the service prints. Raises SystemExit when it ends before."""
    for line in process.stdout or ():
        if line.startswith("serving "):
            return line.split()[1]
    raise SystemExit("the service did not start; its message is above")
