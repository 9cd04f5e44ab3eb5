"""Price a customer's purchases: the Gamma-Gamma model (Fader, Hardie and Lee 2005)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import betaincinv, gammaln

from coadapt.data.batches import FloatArray, IntArray
from coadapt.value._likelihood import most_likely

LOG_BOUNDS: Final = (-5.0, 12.0)
LEAST_Q: Final = 1.05
"""The mean of what customers pay exists above 1 only."""

LARGEST_SHARE: Final = 1 - 1e-9


class Prices(NamedTuple):
    """Hold the parameters: a purchase is Gamma(p, rate), a customer's rate Gamma(q, v)."""

    p: float
    q: float
    v: float


class Paid(NamedTuple):
    """Hold n customers' numbers of purchases and the mean amount of them, shape (n,)."""

    n_purchases: FloatArray
    mean_amount: FloatArray


def fit_prices(paid: Paid) -> Prices:
    """Return the maximum-likelihood parameters; all counts and amounts must be positive."""
    unit = float(np.mean(paid.mean_amount)) if len(paid.mean_amount) else 1.0
    scaled = Paid(paid.n_purchases, paid.mean_amount / unit)
    bounds = [LOG_BOUNDS, (np.log(LEAST_Q), LOG_BOUNDS[1]), LOG_BOUNDS]
    found = most_likely(
        lambda prices: log_likelihood(Prices(*prices), scaled) / max(len(scaled.n_purchases), 1),
        start=[2.0, 3.0, 1.0],
        log_bounds=bounds,
    )
    return Prices(found[0], found[1], found[2] * unit)


def log_likelihood(prices: Prices, paid: Paid) -> float:
    """Return the log-likelihood of all customers' mean amounts: equation 1a of the paper."""
    p, q, v = prices
    n, mean = paid
    logs = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(v)
    logs += (p * n - 1) * np.log(mean) + p * n * np.log(n) - (p * n + q) * np.log(v + n * mean)
    return float(np.sum(logs))


def expected_amount(prices: Prices, paid: Paid) -> FloatArray:
    """Return what a purchase to come is worth on average, shape (n,)."""
    p, q, v = prices
    return p * (v + paid.n_purchases * paid.mean_amount) / (p * paid.n_purchases + q - 1)


def sums_in_units(
    prices: Prices, n_past: IntArray, n_coming: IntArray, levels: FloatArray
) -> FloatArray:
    """Return quantiles of the sum of some purchases to come, in units of v + past amounts.

    With s purchases paid and k to come the sum is a beta prime of p·k and q + p·s. All arguments
    have the same shape; where nothing is to come the sum is 0.
    """
    share = betaincinv(prices.p * np.maximum(n_coming, 1), prices.q + prices.p * n_past, levels)
    share = np.minimum(share, LARGEST_SHARE)
    return np.where(n_coming > 0, share / (1 - share), 0.0)
