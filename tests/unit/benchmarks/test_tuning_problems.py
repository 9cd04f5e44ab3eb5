"""The contest's problems are least where they say, and nowhere else is lower."""

import numpy as np
import pytest
from tuning.development import development_problems
from tuning.problems import contest_problems

PROBLEMS = [
    pytest.param(problem, id=problem.name)
    for problem in (*contest_problems(), *development_problems())
]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_reaches_its_optimum_where_it_says(problem) -> None:
    assert problem.evaluate(problem.best_at) == pytest.approx(problem.optimum, abs=1e-5)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_no_point_of_a_box_is_below_the_optimum(problem) -> None:
    points = problem.at(np.random.default_rng(0).random((2000, len(problem.bounds))))
    assert problem.evaluate(points).min() >= problem.optimum - 1e-9


@pytest.mark.parametrize("problem", PROBLEMS)
def test_no_step_from_the_optimum_goes_down(problem) -> None:
    steps = 1e-2 * np.random.default_rng(0).standard_normal((500, len(problem.bounds)))
    steps = problem.best_at * (1 + steps) if problem.is_log else problem.best_at + steps
    assert problem.evaluate(steps).min() >= problem.optimum - 1e-5


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_optimum_is_neither_the_centre_nor_the_origin(problem) -> None:
    bounds, best = problem.bounds, problem.best_at
    low, high, best = map(np.log, (*bounds.T, best)) if problem.is_log else (*bounds.T, best)
    assert np.abs((best - (low + high) / 2) / (high - low)).max() > 0.05
    assert problem.is_log or np.abs(best).max() > 0.05


def test_the_contest_has_eighteen_problems_of_different_names() -> None:
    assert len({problem.name for problem in contest_problems()}) == 18
