"""Count clicks per exposure, with an interval that knows whose exposures belong together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """Hold a click rate and its 95 % interval; an exposure is one place of a slate that was seen.

    The rate is NaN and the interval 0 to 1 before the first exposure.
    """

    n_shoppers: int
    n_slates: int
    n_exposures: int
    n_clicks: int
    value: float
    low: float
    high: float


class ClickRate:
    """Add up exposures and clicks by shopper."""

    def __init__(self, n_shoppers: int) -> None:
        self._exposures = np.zeros(n_shoppers, np.int64)
        self._clicks = np.zeros(n_shoppers, np.int64)
        self._n_slates = 0

    def add(self, shopper: int, n_exposures: int, n_clicks: int) -> None:
        """Count one slate that a shopper saw."""
        self._exposures[shopper] += n_exposures
        self._clicks[shopper] += n_clicks
        self._n_slates += 1

    def rate(self) -> Rate:
        """Return the rate so far.

        The interval is Wilson's at the effective number of exposures r(1 - r)/var(r), where var(r)
        is the linearised variance of a ratio over shoppers: one shopper's clicks are no independent
        trials.
        """
        is_here = self._exposures > 0
        exposures, clicks = self._exposures[is_here], self._clicks[is_here]
        n_exposures, n_clicks = int(exposures.sum()), int(clicks.sum())
        counts = (len(exposures), self._n_slates, n_exposures, n_clicks)
        if not n_exposures:
            return Rate(*counts, math.nan, 0.0, 1.0)
        value = n_clicks / n_exposures
        variance = _ratio_variance(exposures, clicks, value)
        n_effective = value * (1 - value) / variance if variance > 0 else float(n_exposures)
        return Rate(*counts, value, *wilson(value, min(n_effective, float(n_exposures))))


def wilson(share: float, n_trials: float, z: float = Z_95) -> tuple[float, float]:
    """Return the interval of a share of independent trials (Wilson 1927)."""
    center = share + z * z / (2 * n_trials)
    spread = z * math.sqrt(share * (1 - share) / n_trials + (z / (2 * n_trials)) ** 2)
    scale = 1 + z * z / n_trials
    return max(0.0, (center - spread) / scale), min(1.0, (center + spread) / scale)


def _ratio_variance(
    exposures: np.ndarray[tuple[int], np.dtype[np.int64]],
    clicks: np.ndarray[tuple[int], np.dtype[np.int64]],
    value: float,
) -> float:
    """Return m / (m - 1) · Σ (clicks - rate · exposures)² / (Σ exposures)² over m shoppers."""
    n_shoppers = len(exposures)
    if n_shoppers < 2:
        return 0.0
    residuals = clicks - value * exposures
    correction = n_shoppers / (n_shoppers - 1)
    return float(correction * (residuals**2).sum() / exposures.sum() ** 2)
