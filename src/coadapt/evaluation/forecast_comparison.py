"""Compare two models' forecasts of the same users: is the second really better?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.evaluation.bootstrap import bootstrap_means, percentile_interval
from coadapt.evaluation.forecasting import Evaluated
from coadapt.evaluation.metrics.forecast import normalised_gini
from coadapt.evaluation.summary import Summary, summarize_draws


@dataclass(frozen=True, slots=True)
class Duel:
    """Hold two models' evaluations at one cut-off, of one seed each or of several."""

    first: Sequence[Evaluated]
    second: Sequence[Evaluated]

    @property
    def users(self) -> IntArray:
        """Return whose forecasts are compared."""
        return self.first[0].outcome.users

    def gains(self) -> FloatArray:
        """Return the second's CRPS less the first's, a user each, over the mean of seeds."""
        first, second = (np.mean([e.crps for e in side], axis=0) for side in self._sides)
        difference: FloatArray = second - first
        return difference

    def gini_gain(self, times: IntArray) -> float:
        """Return the second's normalised Gini less the first's, each user counted so many times."""
        drawn = np.repeat(np.arange(len(times)), times)
        actual = self.first[0].outcome.actual[drawn]
        first, second = (
            np.mean([normalised_gini(e.forecast.expected_spend[drawn], actual) for e in side])
            for side in self._sides
        )
        return float(second - first)

    @property
    def _sides(self) -> tuple[Sequence[Evaluated], Sequence[Evaluated]]:
        """Return first and second."""
        return self.first, self.second


def crps_difference(duels: Sequence[Duel], n_bootstrap: int = 1000, seed: int = 0) -> Summary:
    """Return the second's mean CRPS less the first's with its 95 % interval, cut-offs alike.

    Users are drawn again with all their cut-offs, since one user's outcomes hang together.
    """
    gains = np.full((_n_users(duels), len(duels)), np.nan)
    for cutoff, duel in enumerate(duels):
        gains[duel.users, cutoff] = duel.gains()
    means = bootstrap_means(gains, n_bootstrap, seed).mean(axis=1, keepdims=True)
    low, high = percentile_interval(means)
    return Summary(float(np.nanmean(gains, axis=0).mean()), float(low[0]), float(high[0]))


def gini_difference(duels: Sequence[Duel], n_bootstrap: int = 200, seed: int = 0) -> Summary:
    """Return the second's normalised Gini less the first's, drawn as in `crps_difference`.

    Draws in which nobody spends at some cut-off do not count.
    """
    rng = np.random.default_rng(seed)
    n_users = _n_users(duels)

    def difference(times: IntArray) -> float:
        return float(np.mean([duel.gini_gain(times[duel.users]) for duel in duels]))

    draws = (rng.integers(0, n_users, n_users) for _ in range(n_bootstrap))
    resampled = [difference(np.bincount(drawn, minlength=n_users)) for drawn in draws]
    return summarize_draws(difference(np.ones(n_users, np.int64)), resampled)


def _n_users(duels: Sequence[Duel]) -> int:
    """Count the rows in which the users of all cut-offs stand."""
    return 1 + max(int(duel.users.max(initial=-1)) for duel in duels)
