"""A search makes as many trials as asked for, whatever befalls them."""

from __future__ import annotations

import pytest

from coadapt.testing.objectives import Bowl
from coadapt.tuning.executors.local import LocalExecutor
from coadapt.tuning.search import search
from coadapt.tuning.stopping import MedianRule


def test_trials_side_by_side_are_each_made_once(open_study, tmp_path) -> None:
    with open_study(tmp_path, "random") as study, LocalExecutor(Bowl(), n_jobs=3) as executor:
        search(study, executor, 7)
        assert sorted(each.trial.number for each in study.outcomes) == list(range(7))


def test_failing_trials_are_counted_and_do_not_end_the_study(open_study, tmp_path) -> None:
    with open_study(tmp_path, "grid") as study, LocalExecutor(Bowl("raise")) as executor:
        search(study, executor, 5)
        assert sorted(each.state for each in study.outcomes) == ["done"] * 3 + ["failed"] * 2
        assert study.best.value == pytest.approx(0.0025)


def test_a_search_ends_where_the_searcher_has_nothing_left(open_study, tmp_path) -> None:
    with open_study(tmp_path, "grid") as study, LocalExecutor(Bowl()) as executor:
        search(study, executor, 50)
        assert len(study.outcomes) == 5


def test_a_search_goes_on_from_what_there_is(open_study, tmp_path) -> None:
    for n_trials in (2, 4):
        with open_study(tmp_path) as study, LocalExecutor(Bowl()) as executor:
            told = []
            search(study, executor, n_trials, told.append)
    assert [each.trial.number for each in told] == [2, 3]
    assert len(study.outcomes) == 4


def test_unpromising_trials_are_stopped(open_study, tmp_path) -> None:
    rule = MedianRule(min_trials=2, min_steps=1)
    objective = Bowl(n_steps=3)
    with open_study(tmp_path, "random", rule=rule) as study, LocalExecutor(objective) as executor:
        search(study, executor, 8)
        assert {each.state for each in study.outcomes} == {"done", "stopped"}
