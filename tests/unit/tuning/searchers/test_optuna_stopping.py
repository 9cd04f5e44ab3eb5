"""Optuna's samplers hear of a trial that was stopped early in the way from which they learn."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from coadapt.domain.ranges import Between
from coadapt.plugins import load_plugin
from coadapt.tuning.base import Searcher
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.searchers.tpe import TPE, TPEConfig
from coadapt.tuning.space import Space
from coadapt.tuning.trials import Outcome, Trial

SPACE = Space(tuple(Parameter(name, "float", Between(0.0, 1.0)) for name in "xy"))
N_TRIALS = 16


def curve_at(x: float, y: float, n_steps: int = 3) -> dict[int, float]:
    """Return what a trial reports, ever better."""
    return {step: (x - 0.7) ** 2 + (y - 0.2) ** 2 + 0.5 / step for step in range(1, n_steps + 1)}


def is_hopeless(number: int) -> bool:
    return number % 3 == 1


def outcome(trial: Trial, *, knows_stopping: bool = True) -> Outcome:
    """Return how a trial went, every third being stopped after a step that seemed the best."""
    is_over = is_hopeless(trial.number)
    curve = curve_at(trial.values["x"], trial.values["y"], 1 if is_over else 3)
    value = 0.0 if is_over else min(curve.values())
    return Outcome(trial, value, 1.0, is_stopped=is_over and knows_stopping, curve=curve)


def proposals(searcher: Searcher[Any], **facts: Any) -> list[dict[str, Any]]:
    found = []
    for _ in range(N_TRIALS):
        trial = searcher.ask()
        found.append(dict(trial.values))
        searcher.tell(outcome(trial, **facts))
    return found


def by_hand(seed: int) -> list[dict[str, Any]]:
    """Return what Optuna proposes to somebody who prunes trials there."""
    sampler = optuna.samplers.TPESampler(multivariate=True, seed=seed)
    study = optuna.create_study(sampler=sampler)
    for number in range(N_TRIALS):
        trial = study.ask()
        curve = curve_at(*(trial.suggest_float(name, 0.0, 1.0) for name in "xy"))
        if is_hopeless(number):
            trial.report(curve[1], 1)
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, min(curve.values()))
    return [trial.params for trial in study.trials]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_to_tpe_a_stopped_trial_is_a_pruned_one() -> None:
    assert proposals(TPE(SPACE, TPEConfig(), 3)) == by_hand(3)


def test_tpe_learns_of_a_stopped_trial_that_it_did_not_propose() -> None:
    known, unknown = (TPE(SPACE, TPEConfig(n_startup_trials=1), 3) for _ in range(2))
    for number in range(9):
        trial = Trial(number + 50, {"x": number / 10, "y": 0.5})
        known.tell(outcome(trial))
        unknown.tell(outcome(trial, knows_stopping=False))
    assert known.ask() != unknown.ask()


@pytest.mark.parametrize("name", ["gp", "cma_es", "genetic"])
def test_to_others_a_stopped_trial_counts_with_what_it_had(name: str) -> None:
    plugin = load_plugin("tuning/searchers", name)
    stopped, whole = (plugin(SPACE, plugin.Config(), 3) for _ in range(2))
    assert proposals(stopped) == proposals(whole, knows_stopping=False)
