"""Estimate what another policy would have earned, from slates that one shown by chance chose.

Self-normalised importance sampling (Swaminathan and Joachims 2015) place by place. With "cascade"
what a place earns depends on nothing below it, so that its weight is the ratio of the propensities
down to it (McInerney et al. 2020); with "nothing" it is that of the whole slate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from scipy.special import stdtrit

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.data.logged_slates import LoggedSlates
from coadapt.domain.errors import SupportError
from coadapt.evaluation.summary import Summary
from coadapt.policies.base import Policy

Assumption: TypeAlias = Literal["cascade", "nothing"]

BLOCK: Final = 2_048
"""Slates whose candidates are looked at at once."""

RARE: Final = 0.05
"""Places that a smaller share of the slates has are left out: the rest would hang on a few."""

DECIMALS: Final = 12
"""How many of a difference mean something."""

ROUNDING: Final = 1e-6
SURE: Final = 2.0
"""So many half-widths of an interval (four standard errors) are no accident."""


@dataclass(frozen=True, slots=True)
class OffPolicyEstimate:
    """Hold what a policy would have earned a slate, and how much more that is than was earned.

    Intervals are of 95 %, over people. `effective` is the number of slates that would say as much
    had the policy itself shown them, at the place where that is fewest. `coverage` is the share of
    what the policy would show first that the log could have shown: the mean weight of first places.
    """

    reward: Summary
    logged: Summary
    lift: Summary
    coverage: Summary
    effective: float
    n_slates: int
    n_people: int


@dataclass(frozen=True, slots=True)
class Support:
    """Say how much the log must know of what a policy would show."""

    effective: float = 100.0
    coverage: float = 0.9
    people: int = 30

    def check(self, estimate: OffPolicyEstimate) -> None:
        """Raise SupportError for an estimate that rests on too little, or on wrong propensities.

        Coverage is an estimate itself, so it is refused where its interval says so.
        """
        covered = estimate.coverage
        if not covered.value - SURE * (covered.value - covered.low) <= 1 + ROUNDING:
            raise SupportError(
                f"the weights of this policy add up to {covered.value:.0%} and not to 100 %: the "
                "propensities in the log are not those that its slates were shown with"
            )
        if not covered.high >= self.coverage:
            raise SupportError(
                f"the log could have shown {covered.value:.0%} of what this policy would show "
                f"first, and {self.coverage:.0%} are asked for"
            )
        if not estimate.effective >= self.effective:
            raise SupportError(
                f"the log says as much as {estimate.effective:.0f} slates of this policy would, "
                f"and {self.effective:.0f} are asked for"
            )
        if estimate.n_people < self.people:
            raise SupportError(
                f"the slates are of {estimate.n_people} people, and {self.people} are asked for"
            )


def estimate_policy(
    policy: Policy[Any], slates: LoggedSlates, assumes: Assumption = "cascade"
) -> OffPolicyEstimate:
    """Estimate a policy from slates that another one, or several, chose.

    Places that fewer than one slate in twenty has count for neither. Raises SupportError where the
    policy could have shown none of the slates, and for those of fewer than two people.
    """
    if not len(slates):
        raise SupportError("there are no slates to judge by")
    slates = slates.first_places(_n_common_places(slates))
    down_to = log_ratios(policy, slates)
    log_weights = down_to
    if assumes == "nothing":
        log_weights = np.broadcast_to(down_to[:, -1:], down_to.shape)
    is_filled = slates.shown.rows != -1
    weights = np.where(is_filled, np.exp(log_weights - _largest(log_weights, is_filled)), 0.0)
    earned, deviations = _self_normalised(weights, slates.rewards, is_filled)
    before = slates.rewards.sum(axis=1)
    first = np.exp(down_to[:, 0])
    logged, covered = float(before.mean()), float(first.mean())
    people = np.unique(slates.people, return_inverse=True)[1]
    return OffPolicyEstimate(
        reward=_summary(earned, deviations, people),
        logged=_summary(logged, before - logged, people),
        lift=_rounded(_summary(earned - logged, deviations - (before - logged), people)),
        coverage=_summary(covered, first - covered, people),
        effective=_effective(weights, is_filled),
        n_slates=len(slates),
        n_people=int(people.max()) + 1,
    )


def _n_common_places(slates: LoggedSlates) -> int:
    """Count the places that not too few slates have."""
    share = (slates.shown.rows != -1).mean(axis=0)
    return max(int((share >= RARE).sum()), 1)


def log_ratios(policy: Policy[Any], slates: LoggedSlates) -> FloatArray:
    """Return how much likelier the policy makes each slate, down to each place, shape (n, k).

    In logarithms; -inf where the policy would not have shown it.
    """
    blocks = np.split(np.arange(len(slates)), range(BLOCK, len(slates), BLOCK))
    parts = [_place_ratios(policy, slates.take(block)) for block in blocks]
    ratios: FloatArray = np.cumsum(np.concatenate(parts), axis=1)
    return ratios


def _place_ratios(policy: Policy[Any], slates: LoggedSlates) -> FloatArray:
    """Return how much likelier each place is, given those above, shape (n, k), in logarithms."""
    theirs = policy.log_propensity(slates.situation, slates.scores, slates.shown)
    return theirs - np.log(slates.shown.propensities)


def _largest(log_weights: FloatArray, is_filled: BoolArray) -> FloatArray:
    """Return the largest of each place, shape (k,). Raises SupportError where all are -inf."""
    largest: FloatArray = np.where(is_filled, log_weights, -np.inf).max(axis=0)
    if not np.isfinite(largest).all():
        place = int(np.flatnonzero(~np.isfinite(largest))[0]) + 1
        raise SupportError(
            f"this policy would have shown no slate of the log as far down as its place {place}"
        )
    return largest


def _self_normalised(
    weights: FloatArray, rewards: FloatArray, is_filled: BoolArray
) -> tuple[float, FloatArray]:
    """Return the mean reward a slate, and what each slate adds to its error, shape (n,).

    The latter is the ratios' first-order expansion (Owen 2013, Monte Carlo theory, section 9.2).
    How many places a slate has does not hang on the policy.
    """
    n_filled = is_filled.sum(axis=0)
    shares = weights / (weights.sum(axis=0) / n_filled)
    means = (shares * rewards).sum(axis=0) / n_filled
    by_slate = shares * (rewards - means) + is_filled * means
    earned = float(is_filled.mean(axis=0) @ means)
    return earned, by_slate.sum(axis=1) - earned


def _summary(value: float, deviations: FloatArray, people: IntArray) -> Summary:
    """Return a mean over slates with its interval (Student's t); a person's slates err together."""
    by_person = np.bincount(people, deviations)
    if len(by_person) < 2:
        raise SupportError("all slates are one person's: that says nothing of others")
    n_people = len(by_person)
    variance = n_people / (n_people - 1) * float(by_person @ by_person)
    margin = float(stdtrit(n_people - 1, 0.975)) * math.sqrt(variance) / len(people)
    return Summary(value, value - margin, value + margin)


def _rounded(lift: Summary) -> Summary:
    """Return a difference without what adding up in another order makes of zero."""
    value, low, high = (round(end, DECIMALS) + 0.0 for end in (lift.value, lift.low, lift.high))
    return Summary(value, low, high)


def _effective(weights: FloatArray, is_filled: BoolArray) -> float:
    """Return the effective sample size (Kish 1965), of the place where it is least.

    Of a place that only some slates have, that of as many as there are slates.
    """
    shares = weights.sum(axis=0) ** 2 / (weights**2).sum(axis=0) / is_filled.sum(axis=0)
    return float(len(weights) * shares.min())
