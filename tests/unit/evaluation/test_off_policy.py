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
    with pytest.raises(SupportError, match="down as its place 1"):
        estimate_policy(policy(), replace(slates, situation=elsewhere))


def test_a_few_long_slates_do_not_decide() -> None:
    """One slate in fifty is longer, and its fourth place could never be filled so."""
    slates, target = logged(1_000, 11), policy(temperature=0.5)
    n = len(slates)
    rows = np.concatenate((slates.shown.rows, np.full((n, 1), -1)), axis=1)
    propensities = np.concatenate((slates.shown.propensities, np.ones((n, 1))), axis=1)
    rewards = np.concatenate((slates.rewards, np.zeros((n, 1))), axis=1)
    rows[::50, 3], propensities[::50, 3], rewards[::50, 3] = 99, 0.1, 5.0
    scores = np.zeros((n, 4), np.float32)
    longer = replace(slates, shown=Ranking(rows, scores, propensities), rewards=rewards)
    assert estimate_policy(target, longer) == estimate_policy(target, slates)


def test_few_people_say_little() -> None:
    """Student's t: with two people the interval is six times as wide as with many."""
    slates = logged(400, 12)
    found = estimate_policy(policy(), replace(slates, people=slates.people % 2))
    spread = [slates.rewards.sum(axis=1)[slates.people % 2 == part].sum() for part in (0, 1)]
    counts = [(slates.people % 2 == part).sum() for part in (0, 1)]
    mean = sum(spread) / 400
    errors = [total - count * mean for total, count in zip(spread, counts, strict=True)]
    margin = 12.7062 * np.sqrt(2 * (errors[0] ** 2 + errors[1] ** 2)) / 400
    assert found.logged.high - found.logged.value == pytest.approx(margin, rel=1e-4)
    with pytest.raises(SupportError, match="of 2 people, and 30"):
        Support().check(found)


def test_propensities_that_do_not_fit_are_refused() -> None:
    """Weights of two distributions are 1 on average; half the propensity doubles them."""
    slates = logged(1_000, 13)
    shown = replace(slates.shown, propensities=slates.shown.propensities / 2)
    found = estimate_policy(policy(temperature=0.8), replace(slates, shown=shown))
    with pytest.raises(SupportError, match="not those that its slates were shown with"):
        Support().check(found)


def test_the_coverage_is_that_of_first_places_whatever_is_assumed() -> None:
    slates, target = logged(500, 14), policy(temperature=0.5)
    found = [estimate_policy(target, slates, how).coverage for how in ("cascade", "nothing")]
    assert found[0] == found[1]


def test_no_slates_are_refused() -> None:
    with pytest.raises(SupportError, match="no slates"):
        estimate_policy(policy(), logged(20, 15).take(np.arange(0)))


def test_one_person_says_nothing_of_others() -> None:
    slates = logged(20, 9)
    with pytest.raises(SupportError, match="one person"):
        estimate_policy(policy(), replace(slates, people=np.zeros(20, np.int64)))


def test_weights_beyond_any_number_do_not_spoil_the_estimate() -> None:
    slates = logged(200, 10)
    shown = replace(slates.shown, propensities=slates.shown.propensities * 1e-104)
    found: OffPolicyEstimate = estimate_policy(policy(), replace(slates, shown=shown))
    assert found.reward.value == pytest.approx(slates.rewards.sum(axis=1).mean())
