"""Turn distributions of spend into quantiles at LEVELS and a mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy.special import ndtri

from coadapt.data.batches import BoolArray, FloatArray
from coadapt.value.forecasts import LEVELS, N_LEVELS, Forecast

LOG_LIMIT: Final = 60.0
"""No log of an amount goes beyond this, so that every quantile is finite."""


def zero_inflated_log_normal(
    p_spend: FloatArray, log_mean: FloatArray, log_deviation: FloatArray
) -> Forecast:
    """Return forecasts that are 0 or, with `p_spend`, log-normal; arguments have shape (n,).

    The mean is p·exp(m + s²/2); quantile u is 0 up to 1 - p, then exp(m + s·Φ⁻¹((u - 1 + p) / p)).
    """
    p = p_spend[:, np.newaxis]
    share = (LEVELS - (1 - p)) / np.maximum(p, np.finfo(float).tiny)
    spends = share > 0
    z = ndtri(np.where(spends, share, 0.5))
    logs = log_mean[:, np.newaxis] + log_deviation[:, np.newaxis] * z
    mean = p_spend * np.exp((log_mean + log_deviation**2 / 2).clip(max=LOG_LIMIT))
    quantiles = np.where(spends, np.exp(logs.clip(max=LOG_LIMIT)), 0.0)
    return Forecast(quantiles, mean, np.zeros(len(mean), np.bool_))


def empirical_quantiles(sample: FloatArray) -> FloatArray:
    """Return a sample's quantiles at LEVELS, shape (N_LEVELS,); zeros for an empty one."""
    return np.quantile(sample, LEVELS) if len(sample) else np.zeros(N_LEVELS)


def with_prior(forecast: Forecast, is_prior: BoolArray, spend: FloatArray) -> Forecast:
    """Replace some users' forecasts by a prior: quantiles at LEVELS and, last, the mean."""
    if not is_prior.any():
        return forecast
    return replace(
        forecast,
        quantiles=np.where(is_prior[:, np.newaxis], spend[:-1], forecast.quantiles),
        expected_spend=np.where(is_prior, spend[-1], forecast.expected_spend),
        is_prior=is_prior,
    )


def prior_of(sample: FloatArray) -> FloatArray:
    """Return a sample's quantiles at LEVELS and, last, its mean, shape (N_LEVELS + 1,)."""
    return np.append(empirical_quantiles(sample), sample.mean() if len(sample) else 0.0)
