"""Sum up values a user to one figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from coadapt.data.batches import FloatArray
from coadapt.evaluation.base import ExposureMetric
from coadapt.evaluation.bootstrap import (
    bootstrap_exposures,
    bootstrap_means,
    percentile_interval,
)

Z_95: Final = 1.959964
N_EXPOSURE_DRAWS: Final = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold a metric over all users with its 95 % bootstrap interval over users."""

    value: float
    low: float
    high: float


def summarize_means(
    values: Mapping[str, FloatArray], n_bootstrap: int, seed: int
) -> dict[str, Summary]:
    """Average each metric over the users it is defined for; one defined for nobody is left out."""
    defined = {name: column for name, column in values.items() if not np.isnan(column).all()}
    if not defined:
        return {}
    columns = np.stack(list(defined.values()), axis=1)
    low, high = percentile_interval(bootstrap_means(columns, n_bootstrap, seed))
    means = np.nanmean(columns, axis=0)
    return {
        name: Summary(float(means[i]), float(low[i]), float(high[i]))
        for i, name in enumerate(defined)
    }


def summarize_draws(value: float, draws: Sequence[float]) -> Summary:
    """Return a figure with the interval of its resamples, of those where it is defined.

    Where it is so in none, the interval is the figure itself.
    """
    drawn = np.array([draw for draw in draws if np.isfinite(draw)])
    if not len(drawn):
        return Summary(value, value, value)
    low, high = percentile_interval(drawn[:, np.newaxis])
    return Summary(value, float(low[0]), float(high[0]))


def summarize_exposures(
    slates: sparse.csr_matrix, metric: ExposureMetric, n_bootstrap: int, seed: int
) -> Summary:
    """Measure what all users together were shown, from a binary (n_users, n_items) matrix.

    Users drawn again show fewer distinct items than there are, so the resamples are read for their
    spread alone: the interval is the value plus and minus 1.96 of their standard deviations.
    """
    exposures = np.asarray(slates.sum(axis=0), np.float64).ravel()
    value = float(metric.measure(exposures))
    n_draws = min(n_bootstrap, N_EXPOSURE_DRAWS)
    margin = Z_95 * float(np.std(bootstrap_exposures(slates, metric.measure, n_draws, seed)))
    return Summary(value, max(0.0, value - margin), min(1.0, value + margin))
