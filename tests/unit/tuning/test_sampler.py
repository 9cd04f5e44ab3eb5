"""Anybody's Optuna study can search by MLBOA."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from coadapt.domain.errors import ConfigError
from coadapt.tuning.sampler import MLBOASampler


@pytest.fixture(autouse=True)
def _quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def off(trial: optuna.Trial) -> float:
    """Return how far a trial is from rate = 0.01, depth = 3, kind = b."""
    rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
    depth = trial.suggest_int("depth", 1, 8)
    kind = trial.suggest_categorical("kind", ["a", "b", None])
    return (math.log10(rate) + 2) ** 2 + 0.1 * (depth - 3) ** 2 + (kind != "b")


def best_of(sampler: optuna.samplers.BaseSampler, n_trials: int = 30) -> float:
    study = optuna.create_study(sampler=sampler)
    study.optimize(off, n_trials)
    return study.best_value


def test_a_study_of_numbers_and_choices_comes_near_its_optimum() -> None:
    assert best_of(MLBOASampler(seed=0)) < 0.05


def test_a_study_that_maximises_does_so() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0), direction="maximize")
    study.optimize(lambda trial: -off(trial), 30)
    assert study.best_value > -0.05


def test_the_same_seed_gives_the_same_study() -> None:
    assert best_of(MLBOASampler(seed=3), 12) == best_of(MLBOASampler(seed=3), 12)


def test_parameters_that_only_some_trials_have_are_drawn_by_chance() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.optimize(lambda t: off(t) if t.number % 2 else t.suggest_float("other", 0, 1), 12)
    drawn = [each.params["other"] for each in study.trials if "other" in each.params]
    assert 0.1 < np.std(drawn) < 0.5


def test_a_range_that_a_failed_trial_had_wider_is_no_error() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        is_wide = trial.number == 3
        x = trial.suggest_float("x", 0, 10 if is_wide else 1)
        return math.nan if is_wide else (x - 0.3) ** 2

    study.optimize(objective, 12)
    assert study.best_value < 0.01


def test_an_integer_by_ratio_is_not_tried_twice_while_others_are_left() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.optimize(lambda trial: trial.suggest_int("n", 1, 5, log=True) ** 2, 5)
    assert sorted(each.params["n"] for each in study.trials) == [1, 2, 3, 4, 5]


def test_failed_and_pruned_trials_do_not_end_a_study() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = off(trial)
        trial.report(value, 1)
        if trial.number % 3 == 1:
            raise optuna.TrialPruned
        return math.nan if trial.number % 3 == 2 else value

    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.optimize(objective, 15)
    assert len(study.trials) == 15


def test_several_objectives_are_refused() -> None:
    study = optuna.create_study(sampler=MLBOASampler(), directions=["minimize", "minimize"])
    with pytest.raises(ConfigError, match="one objective"):
        study.optimize(lambda t: (t.suggest_float("x", 0, 1), 0.0), 2)


def proposal_after(sampler: optuna.samplers.BaseSampler, last: float | None) -> dict[str, float]:
    """Return what is proposed after trials that gain 1 from step 1 to step 2.

    The last one comes to the value given, or is pruned after a step 1 of 1.2.
    """
    study = optuna.create_study(sampler=sampler)
    axis = optuna.distributions.FloatDistribution(0, 1)
    for number in range(12):
        is_last = number == 11
        x = 0.42 if is_last else number / 11
        end = last if is_last and last is not None else (x - 0.4) ** 2
        is_pruned = is_last and last is None
        study.add_trial(
            optuna.trial.create_trial(
                state=TrialState.PRUNED if is_pruned else TrialState.COMPLETE,
                value=None if is_pruned else end,
                params={"x": x},
                distributions={"x": axis},
                intermediate_values={1: 1.2} if is_pruned else {1: end + 1, 2: end},
            )
        )
    return study.ask({"x": axis}).params


def test_a_pruned_trial_counts_with_what_its_reports_promise() -> None:
    pruned, promised, reported = (
        proposal_after(MLBOASampler(seed=0), last) for last in (None, 0.2, 1.2)
    )
    assert pruned == pytest.approx(promised, abs=1e-6)
    assert pruned != pytest.approx(reported, abs=1e-3)
