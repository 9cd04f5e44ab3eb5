"""A policy's trial is worth what the log says it would have earned."""

from __future__ import annotations

import numpy as np
import pytest

from coadapt.domain.errors import SupportError
from coadapt.evaluation.off_policy import estimate_policy
from coadapt.policies.plackett_luce import PlackettLuce, PlackettLuceConfig
from coadapt.testing.slates import logged_slates
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.policy_objective import PolicyObjective
from coadapt.tuning.subject import read_subject
from coadapt.tuning.trials import Trial

LOGGING = {"temperature": 1.0, "exploration": 0.1}


def objective(metric: str = "lift_low", **off_policy) -> PolicyObjective:
    document = {
        "kind": "policy",
        "data": {"source": "log", "path": "sqlite:///log.db"},
        "pipeline": {"recommender": "run", "policy": {"options": LOGGING}},
        "off_policy": off_policy,
    }
    subject = read_subject(document, TuningConfig(metric=metric), "p.toml")
    slates = logged_slates(PlackettLuce(PlackettLuceConfig(**LOGGING)), 1_000, seed=0)
    return PolicyObjective(subject, slates)


def never(step: int, value: float, *, is_last: bool = False) -> bool:
    return False


def test_a_trial_is_worth_what_its_policy_would_have_earned() -> None:
    figures = {name: -objective(name)(TRIAL, never) for name in ("lift_low", "lift", "reward")}
    policy = PlackettLuce(PlackettLuceConfig(temperature=0.6, exploration=0.1))
    estimate = estimate_policy(policy, objective().slates)
    assert figures["reward"] == estimate.reward.value
    assert figures["lift"] == estimate.lift.value > figures["lift_low"] == estimate.lift.low


def test_the_policy_that_chose_the_log_is_worth_no_more_than_it() -> None:
    assert objective()(Trial(0, LOGGING), never) == 0


def test_a_trial_that_the_log_knows_too_little_of_fails() -> None:
    with pytest.raises(SupportError):
        objective(min_effective=900)(TRIAL, never)


def test_what_is_assumed_is_what_the_config_says() -> None:
    assert objective(assumes="nothing")(TRIAL, never) != objective()(TRIAL, never)


def test_the_slates_are_known_again() -> None:
    slates = objective().slates
    assert objective().check() == slates.fingerprint
    assert slates.fingerprint != slates.take(np.arange(999)).fingerprint


TRIAL = Trial(0, {"temperature": 0.6})
