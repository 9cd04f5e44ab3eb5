"""Run each trial in a child process of its own, within limits."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

from typing_extensions import override

from coadapt.tuning.executors._child import Limits, run_trial
from coadapt.tuning.executors.base import Executor, Objective, Report
from coadapt.tuning.trials import Outcome, Trial, outcome_of

GRACE_S: Final = 2.0

__all__ = ["Limits", "LocalExecutor"]


@dataclass(frozen=True, slots=True)
class _Running:
    """Hold a trial under way: its process, our end of its pipe, and when it began."""

    trial: Trial
    process: BaseProcess
    connection: Connection[Any, Any]
    began: float

    def seconds(self) -> float:
        """Return how long it has been running."""
        return time.monotonic() - self.began


class LocalExecutor(Executor):
    """Start processes from a clean server process that has loaded the objective's module.

    It loads the modules of `preload` too, once for all trials; one that is absent is passed over.

    Whatever befalls a trial ends its own process only: an exception, a crash, a limit. A child also
    ends when this process does, however that comes about.
    """

    def __init__(
        self,
        objective: Objective,
        n_jobs: int = 1,
        limits: Limits | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        self.n_jobs = n_jobs
        self._objective = objective
        self._limits = limits or Limits()
        # Forked from here, a child would inherit locks of threads that it does not have.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([type(objective).__module__, *preload])
        self._running: dict[int, _Running] = {}

    @override
    def start(self, trial: Trial) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=run_trial, args=(self._objective, trial, theirs, self._limits), daemon=True
        )
        process.start()
        theirs.close()
        self._running[trial.number] = _Running(trial, process, ours, time.monotonic())

    @override
    def wait(self) -> Report | Outcome:
        while True:
            limit = self._limits.seconds
            running = list(self._running.values())
            for each in running:
                # Who has something to say was not late: nobody had listened yet.
                is_over = limit is not None and each.seconds() >= limit
                if is_over and not each.connection.poll():
                    return self._failed(each, f"ran for more than {limit:g} s")
            ready = wait([each.connection for each in running], timeout=self._seconds_left())
            for each in running:
                if each.connection in ready:
                    return self._heard(each)

    @override
    def close(self) -> None:
        for each in list(self._running.values()):
            self._end(each)

    def _heard(self, running: _Running) -> Report | Outcome:
        """Return what a child said, or how it died."""
        try:
            kind, *facts = running.connection.recv()
        except (EOFError, OSError):
            running.process.join()
            return self._failed(running, _cause(running.process.exitcode, self._limits))
        if kind == "report":
            step, value = facts
            return Report(running.trial, step, value, partial(_answer, running.connection))
        seconds = running.seconds()
        # Let it tidy up after itself, as what it imported may have semaphores to give back.
        running.process.join(GRACE_S)
        self._end(running)
        value, message, is_stopped = facts
        return outcome_of(running.trial, value, seconds, message, is_stopped=is_stopped)

    def _failed(self, running: _Running, message: str) -> Outcome:
        """End a trial and return its failure."""
        seconds = running.seconds()
        self._end(running)
        return outcome_of(running.trial, None, seconds, message)

    def _end(self, running: _Running) -> None:
        """End a child and forget it."""
        running.process.kill()
        running.process.join()
        running.process.close()
        running.connection.close()
        del self._running[running.trial.number]

    def _seconds_left(self) -> float | None:
        """Return how soon a trial reaches its limit, None where there is no limit."""
        if self._limits.seconds is None:
            return None
        longest = max((each.seconds() for each in self._running.values()), default=0.0)
        return max(self._limits.seconds - longest, 0.0)


def _answer(connection: Connection[Any, Any], should_stop: bool) -> None:  # noqa: FBT001
    """Let a child go on or stop; one that died meanwhile is heard of by the next wait."""
    try:
        connection.send(should_stop)
    except OSError:
        return


def _cause(exit_code: int | None, limits: Limits) -> str:
    """Say how a process ended that did not say so itself."""
    if limits.is_cpu_signal(exit_code):
        return f"used more than {limits.cpu_seconds:g} s of processor time"
    if exit_code is not None and exit_code < 0:
        return f"its process was killed by signal {-exit_code}"
    return f"its process ended without a value (exit code {exit_code})"
