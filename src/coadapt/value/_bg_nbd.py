"""Count a customer's purchases until now and to come: BG/NBD (Fader, Hardie and Lee 2005)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import betaln, expit, gammaln, xlogy

from coadapt.data.batches import FloatArray
from coadapt.value._likelihood import most_likely

LOG_BOUNDS: Final = (-9.0, 9.0)
"""Between these lie the logs of all parameters, so that hardly any data cannot drive them off."""

MAX_COUNT: Final = 1000
"""The most purchases that are told apart; who would make more makes so many."""
TAIL: Final = 1e-8


class Purchases(NamedTuple):
    """Hold n customers' repeat purchases, the age at the last one, and the age now, shape (n,).

    Ages are counted from the first purchase, in one unit of time.
    """

    repeats: FloatArray
    age_at_last: FloatArray
    age: FloatArray


class Rates(NamedTuple):
    """Hold the parameters: rates are Gamma(r, alpha), chances to leave Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float


def fit_rates(purchases: Purchases) -> Rates:
    """Return the maximum-likelihood parameters."""
    typical_age = max(float(np.mean(purchases.age)), 1e-3)
    found = most_likely(
        lambda rates: log_likelihood(Rates(*rates), purchases) / len(purchases.repeats),
        start=[0.5, typical_age / 5, 1.0, 2.0],
        log_bounds=[LOG_BOUNDS] * 4,
    )
    return Rates(*found)


def log_likelihood(rates: Rates, purchases: Purchases) -> float:
    """Return the log-likelihood of all customers: equation 6 of the paper."""
    r, alpha, a, b = rates
    x = purchases.repeats
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    alive = -(r + x) * np.log(alpha + purchases.age)
    total = np.logaddexp(alive, alive + _log_odds_gone(rates, purchases))
    return float(np.sum(common + total))


def p_alive(rates: Rates, purchases: Purchases) -> FloatArray:
    """Return the probability that a customer still buys, shape (n,)."""
    alive: FloatArray = expit(-_log_odds_gone(rates, purchases))
    return alive


def _log_odds_gone(rates: Rates, purchases: Purchases) -> FloatArray:
    """Return the log odds of having left, -inf for who never bought again, shape (n,)."""
    r, alpha, a, b = rates
    x, age_at_last, age = purchases
    ratio = (r + x) * np.log((alpha + age) / (alpha + age_at_last))
    return np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) + ratio, -np.inf)


def count_distribution(rates: Rates, purchases: Purchases, duration: float) -> FloatArray:
    """Return the probability of 0, 1, … purchases in the time to come, shape (n, n_counts).

    Given that one is alive, k purchases were made by who stayed, B(a, b + x + k) / B(a, b + x)
    times the negative binomial of k; or more than k - 1 would have been made by who left at the
    k-th, B(a + 1, b + x + k - 1) / B(a, b + x) times the negative binomial's tail from k.
    """
    _, _, a, b = rates
    exact = _negative_binomial(rates, purchases, duration)
    counts = np.arange(exact.shape[1])
    stayed = b + purchases.repeats[:, np.newaxis]
    tail = np.maximum(1 - np.cumsum(exact, axis=1) + exact, 0)
    log_stays = betaln(a, stayed + counts) - betaln(a, stayed)
    log_leaves = betaln(a + 1, stayed + np.maximum(counts, 1) - 1) - betaln(a, stayed)
    alive = np.exp(log_stays) * exact + np.where(counts > 0, np.exp(log_leaves) * tail, 0)
    is_alive = p_alive(rates, purchases)
    distribution: FloatArray = alive * is_alive[:, np.newaxis]
    if distribution.shape[1] > MAX_COUNT:
        distribution[:, -1] += np.maximum(is_alive - distribution.sum(axis=1), 0)
    distribution[:, 0] += 1 - distribution.sum(axis=1)
    return distribution


def _negative_binomial(rates: Rates, purchases: Purchases, duration: float) -> FloatArray:
    """Return the probability of each count at a rate of Gamma(r + x, alpha + age)."""
    shape = rates.r + purchases.repeats
    rate = rates.alpha + purchases.age
    counts = np.arange(_most(shape, duration / rate, duration / (rate + duration)) + 1)
    log_choices = gammaln(shape[:, np.newaxis] + counts) - gammaln(counts + 1)
    log_kept = xlogy(counts, (duration / (rate + duration))[:, np.newaxis])
    log_none = shape * np.log(rate / (rate + duration)) - gammaln(shape)
    probabilities: FloatArray = np.exp(log_choices + log_kept + log_none[:, np.newaxis])
    return probabilities


def _most(shape: FloatArray, odds: FloatArray, share: FloatArray) -> int:
    """Return a count that practically nobody exceeds."""
    mean, deviation = shape * odds, np.sqrt(shape * odds * (1 + odds))
    most = mean + 8 * deviation + np.log(TAIL) / np.log(share)
    return int(np.ceil(most.max(initial=1).clip(1, MAX_COUNT)))
