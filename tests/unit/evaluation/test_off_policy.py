"""Estimates from a log agree with what the other policy really earns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coadapt.data.batches import Ranking
from coadapt.data.logged_slates import LoggedSlates
from coadapt.domain.errors import SupportError
from coadapt.evaluation.off_policy import (
    OffPolicyEstimate,
    Support,
    estimate_policy,
    log_ratios,
)
from coadapt.evaluation.summary import Summary
from coadapt.policies.base import Policy
from coadapt.policies.greedy import Greedy, GreedyConfig
from coadapt.policies.plackett_luce import PlackettLuce, PlackettLuceConfig
from coadapt.testing.slates import N_PLACES, logged_slates

LOGGING = {"temperature": 1.0, "exploration": 0.1}


def policy(**options: Any) -> Policy[Any]:
    return PlackettLuce(PlackettLuceConfig(**{**LOGGING, **options}))


def logged(n_slates: int, seed: int, chosen_by: Policy[Any] | None = None) -> LoggedSlates:
    return logged_slates(chosen_by or policy(), n_slates, seed)


def truth(of: Policy[Any], n_slates: int = 100_000) -> float:
    """Return what a policy earns a slate when it chooses itself."""
    return float(logged(n_slates, 999, of).rewards.sum(axis=1).mean())


@pytest.mark.parametrize("assumes", ["cascade", "nothing"])
def test_the_interval_holds_the_truth_as_often_as_it_says(assumes: Any) -> None:
    target = policy(temperature=0.5, exploration=0.05)
    true = truth(target)
    found = [estimate_policy(target, logged(1_000, seed), assumes) for seed in range(120)]
    held = [each.reward.low <= true <= each.reward.high for each in found]
    assert 0.88 <= np.mean(held) <= 0.995
    assert np.mean([each.reward.value for each in found]) == pytest.approx(true, rel=0.01)
    before = truth(policy())
    held = [each.lift.low <= true - before <= each.lift.high for each in found]
    assert 0.88 <= np.mean(held) <= 0.995


def test_assuming_a_cascade_says_more() -> None:
    slates, target = logged(3_000, 1), policy(temperature=0.5)
    cascade, nothing = (estimate_policy(target, slates, how) for how in ("cascade", "nothing"))
    assert cascade.reward.high - cascade.reward.low < nothing.reward.high - nothing.reward.low
    assert cascade.effective == nothing.effective


def test_the_policy_that_chose_is_estimated_by_what_it_earned() -> None:
    slates = logged(500, 2)
    found = estimate_policy(policy(), slates)
    assert found.reward.value == pytest.approx(slates.rewards.sum(axis=1).mean())
    assert found.lift == Summary(0, 0, 0)
    assert found.effective == pytest.approx(500)
    assert found.coverage.value == pytest.approx(1)
    assert (found.n_slates, found.n_people) == (500, len(np.unique(slates.people)))


def test_weights_are_one_on_average() -> None:
    """Each place's ratio is that of two distributions over the same slates."""
    weights = np.exp(log_ratios(policy(temperature=0.7), logged(50_000, 3)))
    assert weights.mean(axis=0) == pytest.approx(np.ones(N_PLACES), abs=0.05)


def test_slates_in_blocks_weigh_as_much_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slates, target = logged(50, 4), policy(temperature=0.5)
    whole = log_ratios(target, slates)
    monkeypatch.setattr("coadapt.evaluation.off_policy.BLOCK", 7)
    assert (log_ratios(target, slates) == whole).all()


def test_empty_places_earn_nothing_and_weigh_nothing() -> None:
    """Every other slate has two places; the third is estimated from those that have one."""
    slates = logged(2_000, 5)
    rows, rewards = slates.shown.rows.copy(), slates.rewards.copy()
    propensities = slates.shown.propensities.copy()
    rows[::2, 2], rewards[::2, 2], propensities[::2, 2] = -1, 0, 1
    shorter = replace(
        slates, shown=Ranking(rows, slates.shown.scores, propensities), rewards=rewards
    )
    target = policy(temperature=0.5)
    short, two = estimate_policy(target, shorter), estimate_policy(target, first_two(slates))
    third = estimate_policy(target, slates.take(np.arange(1, 2_000, 2)))
    odd_two = estimate_policy(target, first_two(slates.take(np.arange(1, 2_000, 2))))
    expected = two.reward.value + 0.5 * (third.reward.value - odd_two.reward.value)
    assert short.reward.value == pytest.approx(expected)


def first_two(slates: LoggedSlates) -> LoggedSlates:
    shown = Ranking(*(a[:, :2] for a in parts(slates.shown)))
    return replace(slates, shown=shown, rewards=slates.rewards[:, :2])


def parts(ranking: Ranking) -> tuple[Any, ...]:
    return ranking.rows, ranking.scores, ranking.propensities


def test_a_log_without_chance_covers_little_of_another_policy() -> None:
    found = estimate_policy(policy(temperature=2.0), logged(1_000, 6, Greedy(GreedyConfig())))
    assert found.coverage.high < 0.6
    with pytest.raises(SupportError, match="could have shown"):
        Support().check(found)


def test_a_policy_far_from_the_log_has_too_few_slates() -> None:
    found = estimate_policy(Greedy(GreedyConfig()), logged(1_000, 7))
    assert found.effective < 60
    with pytest.raises(SupportError, match="says as much as"):
        Support().check(found)


def test_a_policy_that_would_show_none_of_it_is_refused() -> None:
    slates = logged(20, 8)
    elsewhere = replace(slates.situation, candidate_rows=slates.situation.candidate_rows + 100)
    with pytest.raises(SupportError, match="none of the slates"):
        estimate_policy(policy(), replace(slates, situation=elsewhere))


def test_one_person_says_nothing_of_others() -> None:
    slates = logged(20, 9)
    with pytest.raises(SupportError, match="one person"):
        estimate_policy(policy(), replace(slates, people=np.zeros(20, np.int64)))


def test_weights_beyond_any_number_do_not_spoil_the_estimate() -> None:
    slates = logged(200, 10)
    shown = replace(slates.shown, propensities=slates.shown.propensities * 1e-104)
    found: OffPolicyEstimate = estimate_policy(policy(), replace(slates, shown=shown))
    assert found.reward.value == pytest.approx(slates.rewards.sum(axis=1).mean())
