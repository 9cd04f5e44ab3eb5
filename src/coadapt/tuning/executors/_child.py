"""Be the child process of one trial."""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from coadapt.domain.errors import CoadaptError
from coadapt.tuning.executors.base import Objective
from coadapt.tuning.trials import Trial


@dataclass(frozen=True, slots=True)
class Limits:
    """Hold how many seconds a trial may take, by the clock and of processor time; None: any."""

    seconds: float | None = None
    cpu_seconds: float | None = None

    def is_cpu_signal(self, exit_code: int | None) -> bool:
        """Tell whether a process ended because its processor time was used up."""
        return self.cpu_seconds is not None and exit_code == -signal.SIGXCPU


class _Line:
    """Speak to the parent; a report waits for the answer."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self.is_stopped = False

    def report(self, step: int, value: float, *, is_last: bool = False) -> bool:
        """Send a value on the way and return whether to stop, which nobody does who ends anyway."""
        if not math.isfinite(value):
            return self.is_stopped
        self._connection.send(("report", step, value))
        self.is_stopped = bool(self._connection.recv()) and not is_last
        return self.is_stopped

    def end(self, value: float | None, message: str) -> None:
        """Send how the trial went."""
        self._connection.send(("end", value, message, self.is_stopped))


def run_trial(
    objective: Objective, trial: Trial, connection: Connection[Any, Any], limits: Limits
) -> None:
    """Score one trial and send what comes of it: reports, then a value or a message."""
    # Ctrl-C is for the parent, which ends its children itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _limit_cpu(limits.cpu_seconds)
    line = _Line(connection)
    try:
        value = float(objective(trial, line.report))
    except CoadaptError as error:
        line.end(None, error.message)
    except Exception as error:  # noqa: BLE001  the edge of a process: whatever it is, it is told
        line.end(None, f"{type(error).__name__}: {error}")
    else:
        line.end(value, "")


def _die_with_parent() -> None:
    """End this process as soon as the one that runs the study is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _limit_cpu(seconds: float | None) -> None:
    """Let the system end this process once its processor time is used up."""
    if seconds is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), hard))
