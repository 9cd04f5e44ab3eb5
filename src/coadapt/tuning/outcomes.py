"""Hold how a trial went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from coadapt.tuning.base import Trial, is_failed

State: TypeAlias = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold a trial's value, lower being better, None where it failed and `message` says why.

    `seconds` is how long it took; `curve` the values on the way by step; `is_stopped` early, on
    account of that curve.
    """

    trial: Trial
    value: float | None
    seconds: float
    message: str = ""
    is_stopped: bool = False
    curve: Mapping[int, float] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Return how it ended, in a word."""
        if self.value is None:
            return "failed"
        return "stopped" if self.is_stopped else "done"

    def to_line(self) -> dict[str, Any]:
        """Return what a journal keeps."""
        return {
            "told": self.trial.number,
            "value": self.value,
            "seconds": round(self.seconds, 3),
            "message": self.message,
            "is_stopped": self.is_stopped,
            "curve": [[step, value] for step, value in self.curve.items()],
        }

    @classmethod
    def from_line(cls, trial: Trial, line: Mapping[str, Any]) -> Outcome:
        """Return what `to_line` wrote."""
        return cls(
            trial,
            line["value"],
            line["seconds"],
            line["message"],
            line["is_stopped"],
            dict(line["curve"]),
        )


def outcome_of(
    trial: Trial,
    value: float | None,
    seconds: float,
    message: str = "",
    *,
    is_stopped: bool = False,
) -> Outcome:
    """Return an outcome; a value that is no finite number is a failure."""
    if value is not None and is_failed(value):
        value, message = None, f"the value is {value}"
    return Outcome(trial, value, seconds, message, is_stopped)
