"""State what holds for one project while it is served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coadapt.domain.durations import DAY_MS

STORE_URL: Final = "COADAPT_STORE_URL"
"""The variable that names the log to a child: a command line, which all can see, would show its
password."""


@dataclass(frozen=True, slots=True)
class RetrainRules:
    """Say from which config and when to retrain, and which new run may go live.

    A run goes live when its validation `metric` is at least (1 - `margin`) times the champion's.
    """

    config: Path
    every_minutes: float | None = None
    min_events: int | None = None
    metric: str = "ndcg@10"
    margin: float = 0.05


@dataclass(frozen=True, slots=True)
class ProjectRules:
    """Set whether clients may name instants, how far rewards reach back, and when to retrain."""

    is_replay: bool = False
    attribution_window_ms: int = 7 * DAY_MS
    retrain: RetrainRules | None = None
