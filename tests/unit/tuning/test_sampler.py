"""Anybody's Optuna study can search by MLBOA."""

from __future__ import annotations

import math
import pickle

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from coadapt.domain.errors import ConfigError
from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import Observed
from coadapt.tuning.optuna_space import OptunaSpace
from coadapt.tuning.sampler import MLBOASampler
from coadapt.tuning.searchers._mlboa_space import proposer_of


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


def branched(trial: optuna.Trial) -> float:
    """Return how far the two numbers under a choice are from where they should be."""
    kind = trial.suggest_categorical("kind", ["a", "b"])
    best = 0.3 if kind == "a" else 0.7
    return sum((trial.suggest_float(f"{kind}_{name}", 0, 1) - best) ** 2 for name in "xy")


def layered(trial: optuna.Trial) -> float:
    """Return how far three layers, and the width of each of them, are from where they should be."""
    n_layers = trial.suggest_int("n_layers", 1, 4)
    widths = [trial.suggest_float(f"width_{layer}", 0, 1) for layer in range(n_layers)]
    return (n_layers - 3) ** 2 + sum((width - 0.4) ** 2 for width in widths)


def hidden(trial: optuna.Trial) -> float:
    """Return how far two numbers are from where they should be; every other trial has another."""
    names = "xy" if trial.number % 2 else "z"
    return sum((trial.suggest_float(name, 0, 1) - 0.4) ** 2 for name in names)


@pytest.mark.parametrize("objective", [branched, layered])
def test_numbers_that_a_choice_or_a_count_brings_with_it_are_found(objective) -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.optimize(objective, 40)
    assert study.best_value < 1e-5


def test_what_a_choice_brings_with_it_is_the_same_for_the_same_seed() -> None:
    studies = [optuna.create_study(sampler=MLBOASampler(seed=3)) for _ in range(2)]
    first, second = (study.optimize(branched, 15) or study.trials for study in studies)
    assert [each.params for each in first] == [each.params for each in second]


def test_what_occurs_together_is_found_even_where_nothing_tells_when() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.optimize(hidden, 40)
    assert min(each.value for each in study.trials if "x" in each.params) < 1e-5
    assert min(each.value for each in study.trials if "z" in each.params) < 1e-5


def test_a_name_that_has_had_several_ranges_is_drawn_by_chance() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.optimize(lambda t: off(t) + t.suggest_float("other", 0, 1 + t.number % 2), 12)
    drawn = [each.params["other"] for each in study.trials]
    assert 0.2 < np.std(drawn) < 1


def bowl(trial: optuna.Trial) -> float:
    return (trial.suggest_float("x", 0, 1) - 0.3) ** 2 + (trial.suggest_float("y", 0, 1) - 0.6) ** 2


def bowl_study(sampler: MLBOASampler, n_trials: int = 9) -> optuna.Study:
    study = optuna.create_study(sampler=sampler)
    study.optimize(bowl, n_trials)
    return study


def test_where_all_trials_drew_everything_their_space_in_common_is_searched() -> None:
    study = bowl_study(MLBOASampler(seed=0), 10)
    *past, last = study.trials
    space = OptunaSpace.of(optuna.search_space.intersection_search_space(past)).space
    points = np.array([space.point_of(each.params) for each in past])
    seed = int(np.random.SeedSequence(0).generate_state(1)[0])
    observed = Observed(points, np.array([each.value for each in past]))
    point = proposer_of(space, MLBOAConfig(), seed).propose(observed)
    assert last.params == space.values_at(point.tolist())


@pytest.mark.filterwarnings("ignore:Fixed parameter x:UserWarning")
def test_a_value_that_was_enqueued_out_of_bounds_tells_nothing() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.enqueue_trial({"x": 12.0})
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 10) - 3) ** 2, 12)
    assert min(each.value for each in study.trials[1:]) < 1e-4
    assert all(0 <= each.params["x"] <= 10 for each in study.trials[1:])


def test_a_point_is_pending_from_when_it_is_proposed() -> None:
    study = bowl_study(MLBOASampler(seed=0))
    first, second = study.ask(), study.ask()
    assert first.suggest_float("x", 0, 1) != second.suggest_float("x", 0, 1)


def test_no_two_threads_try_the_same() -> None:
    study = optuna.create_study(sampler=MLBOASampler(seed=0))
    study.optimize(bowl, 30, n_jobs=4)
    assert len({tuple(sorted(each.params.items())) for each in study.trials}) == 30


def test_what_failed_before_it_drew_everything_is_not_tried_again() -> None:
    study = bowl_study(MLBOASampler(seed=0))
    failed, following = study.ask(), study.ask()
    x = failed.suggest_float("x", 0, 1)
    study.tell(failed, state=TrialState.FAIL)
    assert following.suggest_float("x", 0, 1) != x


def test_a_copy_proposes_the_same_until_it_is_seeded_anew() -> None:
    study = bowl_study(MLBOASampler(seed=0))
    same, other = (pickle.loads(pickle.dumps(study.sampler)) for _ in range(2))
    other.reseed_rng()
    space = study.sampler.infer_relative_search_space(study, study.trials[-1])
    study.ask()
    trial = study.trials[-1]
    ours, theirs, new = (
        each.sample_relative(study, trial, space) for each in (study.sampler, same, other)
    )
    assert ours == theirs != new


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


def test_several_objectives_are_refused_before_any_trial_is_made() -> None:
    study = optuna.create_study(sampler=MLBOASampler(), directions=["minimize", "minimize"])
    with pytest.raises(ConfigError, match="needs one objective, and this study has 2"):
        study.optimize(lambda t: pytest.fail("it was made"), 1)


def test_several_objectives_are_refused_where_a_sampler_wraps_this_one() -> None:
    study = optuna.create_study(directions=["minimize", "minimize"])
    with pytest.raises(ConfigError, match="one objective"):
        MLBOASampler().infer_relative_search_space(study, optuna.trial.create_trial(values=[0, 0]))


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
