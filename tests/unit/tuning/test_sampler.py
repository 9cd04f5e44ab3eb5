"""Anybody's Optuna study can search by MLBOA."""

from __future__ import annotations

import math

import optuna
import pytest

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
    assert len(study.trials) == 12


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
