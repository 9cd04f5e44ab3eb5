"""A recommender's trial is what a training says of itself on validation events."""

from __future__ import annotations

import dataclasses

import pytest

from coadapt.domain.errors import DataError
from coadapt.stores.files import FileRunStore
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train
from coadapt.tuning import recommender_objective
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.executors.local import LocalExecutor
from coadapt.tuning.goals import ranking_goal
from coadapt.tuning.recommender_objective import RecommenderObjective
from coadapt.tuning.subject import read_subject
from coadapt.tuning.trials import Trial

SHOP = {"source": "synthetic", "options": {"n_users": 60, "n_items": 40, "n_events": 1500}}
TRIAL = Trial(0, {"regularization": 30.0})
NETWORK = {"max_epochs": 3, "embedding_dim": 8, "max_length": 10}


def objective(name: str = "ease", n_folds: int = 1, **options) -> RecommenderObjective:
    document = {"data": SHOP, "recommender": {"name": name, "options": options}}
    return RecommenderObjective(read_subject(document, TuningConfig(), "x"), n_folds)


def never(step: int, value: float, *, is_last: bool = False) -> bool:
    return False


def test_the_value_is_the_validation_metric_of_the_same_training(tmp_path) -> None:
    scored = objective()
    run = train(scored.subject.with_values(TRIAL.values), FileRunStore(tmp_path), Surroundings(0))
    assert scored(TRIAL, never) == pytest.approx(-run.metrics["ndcg@10"])


def test_the_test_events_are_never_ranked(monkeypatch) -> None:
    prepare = recommender_objective.prepare

    def without_test(*arguments):
        prepared = prepare(*arguments)
        split = dataclasses.replace(prepared.split, test=None)
        return dataclasses.replace(prepared, split=split)

    value = objective()(TRIAL, never)
    monkeypatch.setattr(recommender_objective, "prepare", without_test)
    assert objective()(TRIAL, never) == value


def test_an_epochs_validation_is_reported_so_that_lower_is_better() -> None:
    reports = []
    value = objective("sasrec", **NETWORK)(
        Trial(0, {}), lambda step, value, **_: reports.append((step, value))
    )
    assert [step for step, _ in reports] == [1, 2, 3]
    assert min(value for _, value in reports) == pytest.approx(value, rel=1e-6)


def test_a_trial_that_is_told_to_stop_returns_what_it_has() -> None:
    steps = []
    objective("sasrec", **NETWORK)(
        Trial(0, {}), lambda step, *_, **__: bool(steps.append(step)) or True
    )
    assert steps == [1]


def ends(**options) -> dict[int, bool]:
    """Return by step whether a training says that it ends of itself after it."""
    said: dict[int, bool] = {}

    def note(step: int, value: float, *, is_last: bool = False) -> bool:
        said[step] = is_last
        return False

    objective("sasrec", **{**NETWORK, **options})(Trial(0, {}), note)
    return said


def test_a_training_says_which_epoch_is_its_last() -> None:
    assert ends() == {1: False, 2: False, 3: True}


def test_a_training_that_runs_out_of_patience_says_so() -> None:
    said = ends(max_epochs=40, patience=1, learning_rate=1e-9)
    assert len(said) < 40
    assert [step for step, is_last in said.items() if is_last] == [len(said)]


@pytest.mark.parametrize(("max_epochs", "state"), [(1, "done"), (2, "stopped")])
def test_who_is_told_to_stop_after_the_last_epoch_was_not_stopped(max_epochs, state) -> None:
    scored = objective("sasrec", **{**NETWORK, "max_epochs": max_epochs})
    with LocalExecutor(scored) as executor:
        executor.start(Trial(0, {}))
        executor.wait().answer(True)
        assert executor.wait().state == state


def test_folds_are_scored_together_and_report_nothing() -> None:
    reports = []
    value = objective(n_folds=3)(TRIAL, lambda *report: reports.append(report))
    assert -1 < value < 0
    assert value != objective()(TRIAL, never)
    assert reports == []


def test_data_that_are_not_there_are_named_before_the_first_trial() -> None:
    document = {"data": {"path": "nowhere"}, "recommender": {"name": "ease"}}
    with pytest.raises(DataError, match="nowhere"):
        RecommenderObjective(read_subject(document, TuningConfig(), "x")).check()


def test_the_check_returns_the_fingerprint_of_the_data() -> None:
    assert objective().check() == objective(regularization=3.0).check()


def test_what_is_not_judged_by_ndcg_is_not_stopped_by_it() -> None:
    subject = objective("sasrec", **NETWORK).subject
    for_coverage = dataclasses.replace(subject, goal=ranking_goal("coverage@5"))
    reports = []
    value = RecommenderObjective(for_coverage)(Trial(0, {}), lambda *report: reports.append(report))
    assert reports == []
    assert -1 <= value < 0
