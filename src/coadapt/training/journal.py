"""Keep the account of a training: each epoch's loss and value, and the processor time it took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def _go_on(_epoch: int, _value: float | None) -> bool:
    """Follow nothing and stop nothing."""
    return False


@dataclass
class Journal:
    """Note each epoch with the seconds of processor time spent on training so far.

    `follow(epoch, value)` hears of each epoch's validation, and says whether training should stop.
    """

    max_cpu_seconds: float | None
    follow: Callable[[int, float | None], bool] = _go_on
    is_stopped: bool = False
    started: float = field(default_factory=time.process_time)
    outside: float = 0.0
    lines: list[dict[str, Any]] = field(default_factory=list)

    def cpu_seconds(self) -> float:
        """Return the processor time spent, validation excluded."""
        return time.process_time() - self.started - self.outside

    @property
    def best_epoch(self) -> int | None:
        """Return the epoch of the best validation, None for a method without epochs."""
        watched = [line for line in self.lines if line["value"] is not None]
        return max(watched, key=lambda line: line["value"])["epoch"] if watched else None

    def note(self, epoch: int, loss: float, value: float | None) -> None:
        """Add one line."""
        line = {"epoch": epoch, "loss": loss, "value": value, "cpu_s": round(self.cpu_seconds(), 2)}
        self.lines.append(line)
        self.is_stopped = self.follow(epoch, value) or self.is_stopped

    def is_over(self) -> bool:
        """Tell whether the processor time granted is spent, or who follows says to stop."""
        return self.is_stopped or (
            self.max_cpu_seconds is not None and self.cpu_seconds() >= self.max_cpu_seconds
        )

    def excluding(self, validate: Callable[[], float]) -> Callable[[], float]:
        """Return the same validation with its time left out of the account."""

        def validate_aside() -> float:
            start = time.process_time()
            value = validate()
            self.outside += time.process_time() - start
            return value

        return validate_aside

    def text(self) -> str:
        """Return the lines as JSON lines."""
        return "".join(json.dumps(line) + "\n" for line in self.lines)
