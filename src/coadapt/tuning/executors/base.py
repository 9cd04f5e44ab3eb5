"""State what an executor does: run trials side by side and say what happens to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from coadapt.tuning.trials import Outcome, Trial


class Watch(Protocol):
    """Report a value after a step, lower being better; True: stop now, and return what there is.

    With `is_last` the trial ends of itself after this step, and nobody tells it to.
    """

    def __call__(self, step: int, value: float, *, is_last: bool = False) -> bool:
        """Return whether to stop."""


class Objective(Protocol):
    """Score a trial, lower being better; what it raises makes the trial a failed one."""

    def __call__(self, trial: Trial, watch: Watch) -> float:
        """Return the value of a trial."""


@dataclass(frozen=True, slots=True)
class Report:
    """Hold a value on the way; the trial waits for the answer."""

    trial: Trial
    step: int
    value: float
    answer: Callable[[bool], None]


class Executor(ABC):
    """Run up to `n_jobs` trials at once; leaving the context ends those still under way."""

    n_jobs: int

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def start(self, trial: Trial) -> None:
        """Begin a trial."""

    @abstractmethod
    def wait(self) -> Report | Outcome:
        """Wait for the next thing that happens to any trial under way."""

    @abstractmethod
    def close(self) -> None:
        """End every trial under way, without an outcome."""
