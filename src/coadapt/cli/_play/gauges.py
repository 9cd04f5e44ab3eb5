"""Count requests and read rates and latencies off them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

WINDOW_S = 5.0
MAX_LATENCIES = 50_000


@dataclass
class Gauges:
    """Count what a client sent and how long it waited; `now_s` is any clock that only grows."""

    started_s: float
    n_events: int = 0
    n_recommendations: int = 0
    n_errors: int = 0
    latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_LATENCIES))
    _marks: deque[tuple[float, int, int]] = field(default_factory=deque)

    def mark(self, now_s: float) -> None:
        """Remember the counts of this instant, for the rates of the last seconds."""
        self._marks.append((now_s, self.n_events, self.n_recommendations))
        while now_s - self._marks[0][0] > WINDOW_S:
            self._marks.popleft()

    def recent_rates(self) -> tuple[float, float]:
        """Return events and recommendations a second over the last seconds that were marked."""
        if len(self._marks) < 2:
            return 0.0, 0.0
        first, last = self._marks[0], self._marks[-1]
        passed_s = max(last[0] - first[0], 1e-9)
        return (last[1] - first[1]) / passed_s, (last[2] - first[2]) / passed_s

    def overall_rates(self, now_s: float) -> tuple[float, float]:
        """Return events and recommendations a second since the start."""
        passed_s = max(now_s - self.started_s, 1e-9)
        return self.n_events / passed_s, self.n_recommendations / passed_s

    def latency_ms(self, quantile: float) -> float:
        """Return a quantile of the time that recommendations took, 0 before the first."""
        if not self.latencies_ms:
            return 0.0
        return float(np.quantile(np.fromiter(self.latencies_ms, np.float64), quantile))
