"""Hold what is tried and how it went."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from coadapt.domain.ranges import Choice

State: TypeAlias = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold what is tried: its number in the study, from 0, and the values that matter."""

    number: int
    values: Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold a trial's value, lower being better, None where it failed and `message` says why.

    `seconds` is how long it took, 0 where nobody knows; `curve` the values on the way by step. With
    `is_stopped`, it was told to end on account of that curve, and the value is of what it had by
    then. Raises ValueError for a value that is not finite; `outcome_of` makes a failure of it.
    """

    trial: Trial
    value: float | None
    seconds: float = 0.0
    message: str = ""
    is_stopped: bool = False
    curve: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"the value of trial {self.trial.number} is {self.value}")

    @property
    def loss(self) -> float:
        """Return the value of a trial that worked. Raises ValueError for one that failed."""
        if self.value is None:
            raise ValueError(f"trial {self.trial.number} failed: {self.message}")
        return self.value

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
    seconds: float = 0.0,
    message: str = "",
    *,
    is_stopped: bool = False,
) -> Outcome:
    """Return an outcome; a value that is no finite number is a failure."""
    if value is not None and not math.isfinite(value):
        value, message = None, f"the value is {value}"
    return Outcome(trial, value, seconds, message, is_stopped)


def ranked(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes of trials that worked, the best first; of equals, the earlier first."""
    return sorted((each for each in outcomes if each.value is not None), key=lambda o: o.loss)
