"""Hand a component what it may use while it trains: seed, device, and ways to report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coadapt.domain.progress import Progress, no_progress


def _never() -> bool:
    """Go on."""
    return False


@dataclass(frozen=True, slots=True)
class Resources:
    """Name the means of a training.

    Nothing that trains reads the clock, the environment or a global. `progress(done, total,
    message)` draws a bar; `validate()` scores the component as it is now on held-out data, higher
    is better, and is None where nothing is held out; `report(epoch, loss, value)` writes a line.
    """

    seed: int = 0
    device: str = "cpu"
    n_threads: int = 1
    progress: Progress = no_progress
    validate: Callable[[], float] | None = None
    report: Callable[[int, float, float | None], None] | None = None
    should_stop: Callable[[], bool] = _never
