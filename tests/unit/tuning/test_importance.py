"""What decides the order of trials is important, and what does not is not."""

from __future__ import annotations

import numpy as np
import pytest

from coadapt.domain.ranges import Between, OneOf
from coadapt.tuning.importance import importances
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space
from coadapt.tuning.trials import Outcome, Trial, outcome_of

SPACE = Space(
    (
        Parameter("noise", "float", Between(0.0, 1.0)),
        Parameter("rate", "float", Between(1e-4, 1.0, log=True)),
        Parameter("kind", "categorical", OneOf("a", "b")),
    )
)


def outcomes(n_trials: int, loss) -> list[Outcome]:
    points = np.random.default_rng(0).random((n_trials, 3))
    trials = [Trial(number, SPACE.values_at(point)) for number, point in enumerate(points)]
    return [outcome_of(trial, loss(trial.values), 1.0) for trial in trials]


def test_the_parameter_that_decides_comes_first() -> None:
    found = importances(SPACE, outcomes(60, lambda values: values["rate"]))
    assert next(iter(found)) == "rate"
    assert found["rate"] > 0.8
    assert max(found["noise"], found["kind"]) < 0.2


def test_a_choice_that_decides_is_found() -> None:
    found = importances(SPACE, outcomes(60, lambda v: v["noise"] / 10 + (v["kind"] == "a")))
    assert found["kind"] > 0.7


@pytest.mark.parametrize("n_trials", [0, 1, 2])
def test_few_trials_say_nothing_and_break_nothing(n_trials) -> None:
    found = importances(SPACE, outcomes(n_trials, lambda values: values["rate"]))
    assert all(0 <= share <= 1 for share in found.values())


def test_failed_trials_are_left_out() -> None:
    found = importances(SPACE, outcomes(20, lambda values: None))
    assert set(found.values()) == {0.0}


def test_trials_that_are_all_alike_say_nothing_in_whatever_order_they_ended() -> None:
    found = outcomes(40, lambda values: 1.0)
    assert set(
        importances(SPACE, sorted(found, key=lambda o: o.trial.values["kind"])).values()
    ) == {0}
