"""Stand in for trainings: objectives that child processes can import, each with its own trouble."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import Literal

from coadapt.tuning.executors.base import Watch
from coadapt.tuning.trials import Trial

Trouble = Literal["none", "raise", "die", "sleep", "spin", "nan"]


@dataclass(frozen=True)
class Bowl:
    """Score (x - 0.7)² after `n_steps` reports that fall towards it; `trouble` befalls x below 0.5.

    `pause_s` is slept before each step.
    """

    trouble: Trouble = "none"
    n_steps: int = 0
    pause_s: float = 0.0

    def __call__(self, trial: Trial, watch: Watch) -> float:
        """Return the value, or fail as `trouble` says."""
        x = float(trial.values["x"])
        value = (x - 0.7) ** 2
        if x < 0.5:
            value = self._in_trouble(value)
        for step in range(1, self.n_steps + 1):
            time.sleep(self.pause_s)
            if watch(step, value + 1 / step):
                return value + 1 / step
        return value

    def _in_trouble(self, value: float) -> float:
        """Let the trouble happen."""
        if self.trouble == "raise":
            raise ValueError("x is too small")
        if self.trouble == "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.trouble == "sleep":
            time.sleep(60)
        while self.trouble == "spin":
            pass
        return float("nan") if self.trouble == "nan" else value
