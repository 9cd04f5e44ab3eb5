"""Start each contender in a process of its own and gather what it prints."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from contest.play import Job
from contest.roster import Player
from contest.split import load_split

BENCHMARKS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Outcome:
    """Hold a contender's chosen setting, test ranks, figures and, for a network, curve points."""

    setting: dict[str, Any]
    ranks: list[float]
    figures: dict[str, float]
    points: list[dict[str, float]]


def contend(player: Player, python: Path, job: Job, folder: Path) -> Outcome:
    """Choose the setting on validation where there is a choice, then play. Raises SystemExit."""
    setting = _chosen(player, python, job, folder)
    mode = "epochs" if player.has_epochs else "final"
    lines = list(_lines(player, python, replace(job, mode=mode, settings=[setting]), folder))
    final = lines.pop()
    return Outcome(setting, final["ranks"], final["figures"], lines)


def _chosen(player: Player, python: Path, job: Job, folder: Path) -> dict[str, Any]:
    """Return the best setting on validation; a peer's choice on the same split is kept."""
    if len(job.settings) == 1:
        return job.settings[0]
    kept = folder.parent / f"{player.name.replace(' ', '-')}-chosen.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    name = f"{load_split(Path(job.split)).fingerprint} {job.settings}"
    if player.is_peer and name in known:
        print(f"  {player.name}: {known[name]}, chosen before", flush=True)
        return dict(known[name])
    trials = list(_lines(player, python, replace(job, mode="tune", part="fit"), folder))
    setting: dict[str, Any] = max(trials, key=lambda trial: trial["value"])["setting"]
    kept.write_text(json.dumps({**known, name: setting}))
    return setting


def _lines(player: Player, python: Path, job: Job, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON lines of one process; its other output goes to a log. Raises SystemExit."""
    name = f"{player.name.replace(' ', '-')}-{job.mode}"
    job_path, log_path = folder / f"{name}.json", folder / f"{name}.log"
    job_path.write_text(json.dumps(asdict(job)))
    command = [str(python), "-m", f"contest.{player.adapter}", str(job_path)]
    environment = _environment(player, job)
    with (
        log_path.open("w") as log,
        subprocess.Popen(
            command, cwd=BENCHMARKS, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        yield from _told(player, process.stdout or ())
    if process.returncode:
        raise SystemExit(f"{player.name} failed; its last words are in {log_path}")


def _told(player: Player, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield and show what an adapter prints; a library's own chatter is left out."""
    for text in lines:
        if text.startswith('{"kind"'):
            line = json.loads(text)
            _tell(player, line)
            yield line


def _environment(player: Player, job: Job) -> dict[str, str]:
    """Return the process's environment: threads, and huge pages for networks of both sides."""
    blas_threads = 1 if player.adapter == "with_implicit" else job.n_threads
    threads = {
        "OMP_NUM_THREADS": str(job.n_threads),
        "OPENBLAS_NUM_THREADS": str(blas_threads),
        "MKL_NUM_THREADS": str(blas_threads),
    }
    pages = {"THP_MEM_ALLOC_ENABLE": "1"} if player.has_epochs else {}
    return {**os.environ, **threads, **pages, "PYTHONWARNINGS": "ignore"}


def _tell(player: Player, line: dict[str, Any]) -> None:
    """Print a line of progress."""
    if line["kind"] == "trial":
        print(f"  {player.name}: {line['setting']} → {line['value']:.4f}", flush=True)
    if line["kind"] == "point":
        print(
            f"  {player.name}: epoch {line['epoch']}, {line['cpu_s']:.0f} CPU s, "
            f"validation {line['validation']:.4f}, test {line['ndcg']:.4f}",
            flush=True,
        )
