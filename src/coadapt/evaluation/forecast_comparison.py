"""Compare two models' forecasts of the same users: is the second really better?"""

from __future__ import annotations

import numpy as np

from coadapt.data.batches import IntArray
from coadapt.evaluation.bootstrap import bootstrap_means, percentile_interval
from coadapt.evaluation.forecasting import Evaluated
from coadapt.evaluation.metrics.forecast import normalised_gini
from coadapt.evaluation.summary import Summary


def crps_difference(
    first: Evaluated, second: Evaluated, n_bootstrap: int = 1000, seed: int = 0
) -> Summary:
    """Return the second's mean CRPS less the first's with the 95 % interval of paired users."""
    gains = second.crps - first.crps
    low, high = percentile_interval(bootstrap_means(gains[:, np.newaxis], n_bootstrap, seed))
    return Summary(float(gains.mean()), float(low[0]), float(high[0]))


def gini_difference(
    first: Evaluated, second: Evaluated, n_bootstrap: int = 200, seed: int = 0
) -> Summary:
    """Return the second's normalised Gini less the first's with the interval of paired users."""
    actual = first.outcome.actual
    pair = [side.forecast.expected_spend for side in (first, second)]
    rng = np.random.default_rng(seed)

    def difference(users: IntArray) -> float:
        before, after = (normalised_gini(side[users], actual[users]) for side in pair)
        return after - before

    draws = (rng.integers(0, len(actual), len(actual)) for _ in range(n_bootstrap))
    resampled = np.array([difference(users) for users in draws])
    low, high = percentile_interval(resampled[:, np.newaxis])
    return Summary(difference(np.arange(len(actual))), float(low[0]), float(high[0]))
