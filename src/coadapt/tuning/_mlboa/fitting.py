"""Learn a Gaussian process' length scales and noise: maximum a posteriori by L-BFGS."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.optimize import minimize

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.kernel import similarity

LOG_SCALE_BOUNDS: Final = (np.log(0.02), np.log(50.0))
LOG_NOISE_BOUNDS: Final = (np.log(1e-8), np.log(1.0))
USUAL_LOG_NOISE: Final = float(np.log(1e-5))
LOG_NOISE_SD: Final = 4.0
COMMON_SD: Final = 1.0
APART_SD: Final = 0.7
"""Where an objective is turned against its coordinates, scales that differ much mislead."""

HOPELESS: Final = 1e10


class Hyper(NamedTuple):
    """Hold log length scales (f,) and the log of noise over signal variance."""

    log_scales: FloatArray
    log_noise: float


class Fit(NamedTuple):
    """Hold what was learned, and the negative log posterior it reached."""

    hyper: Hyper
    loss: float


def first_guess(n_features: int) -> Hyper:
    """Return where fitting starts: longer scales for more features (Hvarfner et al. 2024)."""
    return Hyper(np.full(n_features, _usual_log_scale(n_features)), USUAL_LOG_NOISE)


def fit(features: FloatArray, values: FloatArray, start: Hyper, max_steps: int) -> Fit:
    """Return the most probable hyperparameters near the start.

    Mean and signal variance are at their maximum likelihood for whatever else is tried.
    """
    bounds = [LOG_SCALE_BOUNDS] * features.shape[1] + [LOG_NOISE_BOUNDS]
    found = minimize(
        _loss,
        np.append(start.log_scales, start.log_noise),
        (features, values),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": max_steps, "maxfun": 2 * max_steps},
    )
    return Fit(Hyper(found.x[:-1], float(found.x[-1])), float(found.fun))


def _loss(theta: FloatArray, features: FloatArray, values: FloatArray) -> tuple[float, FloatArray]:
    """Return the negative log posterior and its gradient."""
    scaled, noise, n = features / np.exp(theta[:-1]), np.exp(theta[-1]), len(values)
    kernel, slope = similarity(scaled, scaled)
    kernel.flat[:: n + 1] += noise
    factor, failure = dpotrf(kernel, lower=1, overwrite_a=0)
    if failure:
        return HOPELESS, np.zeros_like(theta)
    log_determinant = 2 * np.log(np.diag(factor)).sum()
    inverse = dpotri(factor, lower=1)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    ones = inverse.sum(axis=1)
    residual = values - (ones @ values) / ones.sum()
    weights = inverse @ residual
    variance = max(float(weights @ residual) / n, 1e-300)
    pull = inverse - np.outer(weights, weights) / variance
    penalty, penalty_slope = _penalty(theta)
    loss = 0.5 * (n * np.log(variance) + log_determinant) + penalty
    to_noise = 0.5 * np.trace(pull) * noise
    gradient = np.append(_scale_gradient(pull * slope, scaled), to_noise)
    return float(loss), gradient + penalty_slope


def _scale_gradient(pull: FloatArray, scaled: FloatArray) -> FloatArray:
    """Return Σ_ab pull_ab (z_a - z_b)² / 2 by feature."""
    return np.asarray(pull.sum(axis=1) @ scaled**2 - (scaled * (pull @ scaled)).sum(axis=0))


def _penalty(theta: FloatArray) -> tuple[float, FloatArray]:
    """Return the negative log prior and its gradient.

    It is Gaussian in the mean of the log scales, in what sets each apart from it, and in the noise.
    """
    n_features = len(theta) - 1
    common = theta[:-1].mean()
    apart = (theta[:-1] - common) / APART_SD
    away = (common - _usual_log_scale(n_features)) / COMMON_SD
    noisy = (theta[-1] - USUAL_LOG_NOISE) / LOG_NOISE_SD
    slope = np.append(apart / APART_SD + away / COMMON_SD / n_features, noisy / LOG_NOISE_SD)
    return float(apart @ apart + away**2 + noisy**2) / 2, slope


def _usual_log_scale(n_features: int) -> float:
    """Return the scale to expect: points are the farther apart, the more features they have."""
    return float(np.log(0.5) + 0.5 * np.log(n_features))
