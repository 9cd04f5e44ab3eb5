"""A study is put together from a config, and told apart from any other."""

from __future__ import annotations

import pytest

from coadapt.domain.errors import StudyError
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.subject import read_subject
from coadapt.tuning.tune import Place, objective_of, tune

SHOP = {"source": "synthetic", "options": {"n_users": 60, "n_items": 40, "n_events": 1500}}
TUNING = TuningConfig(searcher="random", trials=2)


def run(tmp_path, tuning: TuningConfig = TUNING, name: str = "ease", data: str = "same", **options):
    document = {"data": SHOP, "recommender": {"name": name, "options": options}}
    subject = read_subject(document, tuning, "x")
    return tune(objective_of(subject, tuning, None), tuning, Place(tmp_path, data))


def test_the_best_is_among_the_trials(tmp_path) -> None:
    tuned = run(tmp_path)
    assert tuned.best in tuned.outcomes
    assert len(tuned.outcomes) == 2


def test_a_finished_study_is_read_again_without_a_trial(tmp_path) -> None:
    assert run(tmp_path) == run(tmp_path)


def test_where_every_trial_fails_the_reason_is_told(tmp_path) -> None:
    with pytest.raises(StudyError, match="none of 2 trials worked; the last one: ease would"):
        run(tmp_path, max_rows=1)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"tuning": TUNING.model_copy(update={"seed": 1})}, "seed"),
        ({"tuning": TUNING.model_copy(update={"metric": "hr@5"})}, "metric"),
        ({"max_rows": 5000}, "config"),
        ({"data": "other"}, "data"),
    ],
)
def test_a_study_of_something_else_is_refused_by_what_differs(tmp_path, changes, named) -> None:
    run(tmp_path)
    with pytest.raises(StudyError, match=named):
        run(tmp_path, **changes)


def test_more_trials_jobs_or_time_are_the_same_study(tmp_path) -> None:
    run(tmp_path)
    more = TUNING.model_copy(update={"trials": 3, "jobs": 2, "trial_seconds": 60.0})
    assert len(run(tmp_path, more).outcomes) == 3
