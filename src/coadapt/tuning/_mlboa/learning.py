"""Learn the surrogate of an objective, and how to bend its values, from trials so far."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.fitting import Fit, Hyper, first_guess, fit
from coadapt.tuning._mlboa.surrogate import Surrogate
from coadapt.tuning._mlboa.warping import Warp, relative

FIRST_STEPS: Final = 40
LATER_STEPS: Final = 12
TRIALS_A_FIT: Final = 15
"""A fit waits for one more trial each time there are so many more: its price grows with them."""

LEAST_DEVIATION: Final = 1e-12


class Trials(NamedTuple):
    """Hold features (n, f) and values (n,), which may have failed."""

    features: FloatArray
    values: FloatArray

    def first(self, count: int) -> Trials:
        """Return the first trials."""
        return Trials(self.features[:count], self.values[:count])

    def kept(self, limit: int) -> Trials:
        """Return at most so many: half of them the best, the other half the newest."""
        n = len(self.values)
        if n <= limit:
            return self
        rank = np.argsort(np.argsort(relative(self.values), kind="stable"), kind="stable")
        is_best = rank < limit // 2
        newest_first = np.flatnonzero(~is_best)[::-1][: limit - limit // 2]
        rows = np.sort(np.concatenate((np.flatnonzero(is_best), newest_first)))
        return Trials(self.features[rows], self.values[rows])


class Learned(NamedTuple):
    """Hold a warp with its hyperparameters."""

    warp: Warp
    hyper: Hyper


class Beliefs(NamedTuple):
    """Hold two ways to see the same trials: the most probable one, and the first one, unbent."""

    likely: Learned
    plain: Learned


class Learner:
    """Refit from time to time, each time from where the last fit ended.

    The fits are a chain over prefixes of the trials, so who resumes a study repeats them exactly.
    """

    def __init__(self, warps: tuple[Warp, ...], refit_every: int, limit: int) -> None:
        self._warps = warps
        self._refit_every = refit_every
        self._limit = limit
        self._chain: dict[bytes, dict[Warp, Fit]] = {}

    def learn(self, trials: Trials, n_start: int) -> Beliefs:
        """Return what the last fit at or before these trials learned; the first is at `n_start`."""
        fits: dict[Warp, Fit] = {}
        for count in self._fit_counts(n_start, len(trials.values)):
            prefix = trials.first(count)
            key = prefix.values.tobytes() + prefix.features.tobytes()
            if key not in self._chain:
                self._chain[key] = self._refit(prefix.kept(self._limit), fits)
            fits = self._chain[key]
        best = min(fits, key=lambda warp: fits[warp].loss)
        return Beliefs(*(Learned(warp, fits[warp].hyper) for warp in (best, self._warps[0])))

    def _fit_counts(self, first: int, last: int) -> Iterator[int]:
        """Yield after how many trials to fit: the rarer, the dearer a fit is."""
        count = first
        while count <= last:
            yield count
            count += max(self._refit_every, count // TRIALS_A_FIT)

    def _refit(self, trials: Trials, before: dict[Warp, Fit]) -> dict[Warp, Fit]:
        return {warp: _fit_bent(warp, trials, before.get(warp)) for warp in self._warps}


def _fit_bent(warp: Warp, trials: Trials, before: Fit | None) -> Fit:
    """Return the fit to bent values, its loss that of the values as they were."""
    t = relative(trials.values)
    bent = warp.bend(t)
    start = first_guess(trials.features.shape[1]) if before is None else before.hyper
    n_steps = FIRST_STEPS if before is None else LATER_STEPS
    found = fit(trials.features, standardised(bent), start, n_steps)
    to_unit = len(bent) * np.log(max(float(bent.std()), LEAST_DEVIATION))
    return Fit(found.hyper, found.loss + to_unit - warp.log_slope(t))


def surrogate(trials: Trials, learned: Learned, running: FloatArray) -> Surrogate:
    """Return the objective's surrogate; running trials count as ended where it expects."""
    values = standardised(learned.warp.bend(relative(trials.values)))
    known = Surrogate(trials.features, values, learned.hyper)
    if len(running) == 0:
        return known
    believed = np.concatenate((values, known.predict(running).mean))
    return Surrogate(np.concatenate((trials.features, running)), believed, learned.hyper)


def cost_surrogate(log_costs: Trials, learned: Learned) -> Surrogate:
    """Return the surrogate of costs' logarithms, in their own unit."""
    return Surrogate(log_costs.features, log_costs.values, learned.hyper)


def standardised(values: FloatArray) -> FloatArray:
    """Return values with mean 0 and deviation 1, 0 where all are equal."""
    return np.asarray((values - values.mean()) / max(float(values.std()), LEAST_DEVIATION))
