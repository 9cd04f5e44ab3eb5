"""Compute what is knowable of a simulated shopper's next purchase: the exact posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from coadapt.data.batches import FloatArray
from mlboa.simulator import N_STATES, Shoppers, World, draw_shoppers


@dataclass(frozen=True, slots=True)
class Bound:
    """Hold the accuracy of whoever knows the process but not the states, with standard errors.

    `from_last` is that of whoever sees the latest interaction alone. Errors are over shoppers, for
    the interactions of one shopper are not independent. `base_rate` is the share of purchases.
    """

    accuracy: float
    accuracy_error: float
    from_last: float
    rmse: float
    base_rate: float


def forecast_purchases(world: World, shoppers: Shoppers) -> FloatArray:
    """Return P(purchase at t + 1 | all until t, the gap to t + 1), shape (n, T - 1).

    The forward pass of a hidden Markov model: belief(s') is proportional to likelihood(s') times
    the sum over s of belief(s)·P(s' | s, gap).
    """
    seen = _likelihoods(world, shoppers)
    belief = _normalised(seen[:, 0] / N_STATES)
    forecasts = []
    for time in range(1, seen.shape[1]):
        ahead = world.ahead(belief, shoppers.gap_days[:, time])
        forecasts.append(ahead @ world.buying)
        belief = _normalised(ahead * seen[:, time])
    return np.stack(forecasts, axis=1)


def forecast_from_last(world: World, shoppers: Shoppers) -> FloatArray:
    """Return the same when only the interaction at t is seen; its prior is the share of states.

    The prior is each time's marginal distribution, as filtering without sight gives it.
    """
    seen = _likelihoods(world, shoppers)
    prior = np.full(N_STATES, 1 / N_STATES)
    forecasts = []
    for time in range(1, seen.shape[1]):
        belief = _normalised(prior * seen[:, time - 1])
        ahead = world.ahead(belief, shoppers.gap_days[:, time])
        forecasts.append(ahead @ world.buying)
        prior = ahead.mean(axis=0)
    return np.stack(forecasts, axis=1)


def measure_bound(world: World, n_shoppers: int, seed: int) -> Bound:
    """Return the Bayes-optimal accuracy: the mean of max(p, 1 - p) over many drawn shoppers."""
    shoppers = draw_shoppers(world, n_shoppers, np.random.default_rng(seed))
    p = forecast_purchases(world, shoppers)
    by_shopper = np.maximum(p, 1 - p).mean(axis=1)
    last = forecast_from_last(world, shoppers)
    return Bound(
        accuracy=float(by_shopper.mean()),
        accuracy_error=float(by_shopper.std(ddof=1) / np.sqrt(n_shoppers)),
        from_last=float(np.maximum(last, 1 - last).mean()),
        rmse=float(np.sqrt((p * (1 - p)).mean())),
        base_rate=float(shoppers.is_bought[:, 1:].mean()),
    )


def _likelihoods(world: World, shoppers: Shoppers) -> FloatArray:
    """Return P(interaction | state) up to a factor, shape (n, T, N_STATES)."""
    dwell, views = np.array(world.log_dwell_s), np.array(world.n_views)
    z = (shoppers.log_dwell_s[..., None] - dwell[world.looks]) / world.dwell_deviation
    n_views = shoppers.n_views[..., None]
    log_p = -0.5 * z**2 + n_views * np.log(views[world.looks]) - views[world.looks]
    log_p = log_p - gammaln(n_views + 1)
    buying = np.where(shoppers.is_bought[..., None], world.buying, 1 - world.buying)
    log_p += np.log(buying)
    of_word = np.log(world.word_probabilities).T
    of_word = np.vstack((of_word, np.zeros(N_STATES)))  # NO_WORD, the last row, says nothing
    for place in range(shoppers.words.shape[2]):
        log_p += of_word[shoppers.words[..., place]]
    return np.exp(log_p - log_p.max(axis=2, keepdims=True))


def _normalised(weights: FloatArray) -> FloatArray:
    """Return rows that add up to one."""
    return weights / weights.sum(axis=1, keepdims=True)
