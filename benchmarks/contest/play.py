"""Play one contender's part in a process of its own: tune, fit and time, or train by epochs."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from contest.measures import mean_ndcg, rank_held_out
from contest.split import FloatArray, Pasts, Ragged, Split, load_split

MAX_FITS: Final = 3
SECONDS_OF_FITS: Final = 10.0
SECONDS_OF_TOP: Final = 3.0


@dataclass(frozen=True)
class Job:
    """Say what to play.

    `mode` is `tune` (each setting on validation), `final` (fit, timed) or `epochs` (a curve);
    `part` names what to fit on; `budget_cpu_s`, `until` (test NDCG@10) and `patience` end epochs.
    """

    split: str
    method: str
    mode: str
    part: str
    settings: list[dict[str, Any]]
    config: str = ""
    seed: int = 0
    n_threads: int = 1
    budget_cpu_s: float = 700.0
    until: float | None = None
    patience: int = 8


class Contender(Protocol):
    """State what an adapter offers; `scores` answers for the whole catalogue."""

    def fit(self, events: Ragged) -> None:
        """Learn from every user's events."""

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Score the catalogue, shape (n, n_items)."""

    def top(self, pasts: Pasts) -> None:
        """Find each user's ten best unknown items by the library's own call, where it has one."""


class EpochContender(Contender, Protocol):
    """State what an adapter of a network adds."""

    def train(self, events: Ragged, watch: Watch) -> None:
        """Train until `watch.epoch_done` answers true, calling it after each epoch."""


Maker = Callable[[Job, dict[str, Any], Split], Any]


def play(make: Maker) -> None:
    """Run the job that the first argument names and print a JSON line a result."""
    job = Job(**json.loads(Path(sys.argv[1]).read_text()))
    split = load_split(Path(job.split))
    {"tune": _tune, "final": _final, "epochs": _epochs}[job.mode](job, split, make)


def _tune(job: Job, split: Split, make: Maker) -> None:
    """Fit each setting and tell its NDCG@10 on validation."""
    for setting in job.settings:
        contender = make(job, setting, split)
        contender.fit(split.fit)
        ranks = rank_held_out(contender.scores, split.validation, split.n_items)
        _emit("trial", setting=setting, value=mean_ndcg(ranks, split.validation.targets.offsets))


def _final(job: Job, split: Split, make: Maker) -> None:
    """Fit the one setting, the fastest of up to three times, and rank the test items."""
    events: Ragged = getattr(split, job.part)
    walls: list[float] = []
    cpus: list[float] = []
    rss_before_fit_mb = peak_memory_mb()
    peak_rss_mb = 0.0
    contender: Any = None
    while len(walls) < MAX_FITS and sum(walls) < SECONDS_OF_FITS:
        contender = None
        contender = make(job, job.settings[0], split)
        wall, cpu = time.perf_counter(), time.process_time()
        contender.fit(events)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        peak_rss_mb = peak_rss_mb or peak_memory_mb()
    ranks = rank_held_out(contender.scores, split.test, split.n_items)
    _emit(
        "final",
        ranks=ranks.tolist(),
        figures={
            "train_seconds": min(walls),
            "train_cpu_seconds": min(cpus),
            **_speeds(contender, split),
            "rss_before_fit_mb": rss_before_fit_mb,
            "peak_rss_mb": peak_rss_mb,
        },
    )


def _epochs(job: Job, split: Split, make: Maker) -> None:
    """Train by epochs, a point of the curve after each; the best on validation is the result."""
    contender = make(job, job.settings[0], split)
    rss_before_fit_mb = peak_memory_mb()
    watch = Watch(job, split, contender.scores)
    contender.train(getattr(split, job.part), watch)
    best = max(watch.points, key=lambda point: point.validation)
    _emit(
        "final",
        ranks=best.ranks.tolist(),
        figures={
            "train_seconds": best.wall_s,
            "train_cpu_seconds": best.cpu_s,
            "best_epoch": best.epoch,
            **_speeds(contender, split),
            "rss_before_fit_mb": rss_before_fit_mb,
            "peak_rss_mb": peak_memory_mb(),
        },
    )


@dataclass(frozen=True)
class _Point:
    """Hold one epoch's time (evaluation excluded), validation NDCG@10 and test ranks."""

    epoch: int
    cpu_s: float
    wall_s: float
    validation: float
    ranks: FloatArray


@dataclass
class Watch:
    """Time a training, its evaluations left out, and say when it is over."""

    job: Job
    split: Split
    scores: Callable[[Pasts], npt.NDArray[np.float32]]
    points: list[_Point] = field(default_factory=list)
    is_over: bool = False
    _cpu_s: float = 0.0
    _wall_s: float = 0.0
    _since: tuple[float, float] = field(
        default_factory=lambda: (time.process_time(), time.perf_counter())
    )

    def start(self) -> None:
        """Start the clock: what the data needed before does not count."""
        self._since = _now()

    def out_of_budget(self) -> bool:
        """Tell whether training is over or has used up its processor time."""
        spent = self._cpu_s + _now()[0] - self._since[0]
        return self.is_over or spent >= self.job.budget_cpu_s

    def epoch_done(self) -> float:
        """Stop the clock, add a point, start the clock; return the validation NDCG@10."""
        cpu, wall = _now()
        self._cpu_s += cpu - self._since[0]
        self._wall_s += wall - self._since[1]
        validation, test = self._measured()
        self.is_over = self._ends(test)
        self._since = _now()
        return validation

    def _measured(self) -> tuple[float, float]:
        """Rank validation and test items and add the point."""
        validation, test = self.split.validation, self.split.test
        value = mean_ndcg(
            rank_held_out(self.scores, validation, self.split.n_items), validation.targets.offsets
        )
        ranks = rank_held_out(self.scores, test, self.split.n_items)
        point = _Point(len(self.points) + 1, self._cpu_s, self._wall_s, value, ranks)
        self.points.append(point)
        ndcg = mean_ndcg(ranks, test.targets.offsets)
        _emit("point", epoch=point.epoch, cpu_s=point.cpu_s, validation=value, ndcg=ndcg)
        return value, ndcg

    def _ends(self, test: float) -> bool:
        """Tell whether budget, goal or patience is used up."""
        best = max(self.points, key=lambda point: point.validation)
        is_stale = len(self.points) - best.epoch >= self.job.patience
        has_passed = self.job.until is not None and test >= self.job.until
        return is_stale or has_passed or self._cpu_s >= self.job.budget_cpu_s


def _speeds(contender: Any, split: Split) -> dict[str, float]:
    """Time top ten; where a library folds new events in, also without that, marked so."""
    figures = _speed(contender.top, split.test.pasts)
    if getattr(contender, "folds_in", False):
        as_fitted = _speed(contender.top_as_fitted, split.test.pasts)
        figures |= {f"{name} without fold-in": value for name, value in as_fitted.items()}
    return figures


def _speed(top: Callable[[Pasts], None], pasts: Pasts) -> dict[str, float]:
    """Time top ten for all users at once, the best of some seconds of repeats."""
    costs: list[tuple[float, float]] = []
    started = time.perf_counter()
    while time.perf_counter() - started < SECONDS_OF_TOP:
        cpu, wall = _now()
        top(pasts)
        costs.append((_now()[0] - cpu, _now()[1] - wall))
    cpu_s, wall_s = (min(column) for column in zip(*costs, strict=True))
    n_users = len(pasts)
    return {"users_per_second": n_users / wall_s, "users_per_cpu_second": n_users / cpu_s}


def peak_memory_mb() -> float:
    """Return this process's highest resident memory.

    The kernel's own mark is preferred: getrusage also counts the process that started this one.
    """
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _now() -> tuple[float, float]:
    """Return processor and wall time in seconds."""
    return time.process_time(), time.perf_counter()


def _emit(kind: str, **facts: Any) -> None:
    """Print one JSON line."""
    print(json.dumps({"kind": kind, **facts}), flush=True)
