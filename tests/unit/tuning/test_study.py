"""A study forgets nothing, whenever it is interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import StudyError
from coadapt.testing.searchers import SPACE, loss
from coadapt.tuning._mlboa.proposer import Proposer
from coadapt.tuning.base import Searcher
from coadapt.tuning.beginning import BeginningWith
from coadapt.tuning.journal import NAME, StudyJournal
from coadapt.tuning.searchers.mlboa import MLBOA, MLBOAConfig
from coadapt.tuning.stopping import MedianRule
from coadapt.tuning.study import Study
from coadapt.tuning.trials import Outcome, Trial, outcome_of


def tried(study: Study, n_trials: int) -> list[Outcome]:
    for _ in range(n_trials):
        trial = study.next_trial()
        study.report(trial, 1, float(trial.values["x"]))
        study.tell(outcome_of(trial, (float(trial.values["x"]) - 0.7) ** 2, 1.0))
    return study.outcomes


@pytest.mark.parametrize("name", ["random", "grid", "tpe", "gp", "cma_es", "genetic", "mlboa"])
def test_an_interrupted_study_goes_on_as_it_would_have(open_study, tmp_path, name) -> None:
    n_before = 3 if name == "grid" else 12
    with open_study(tmp_path / "whole", name) as study:
        whole = list(tried(study, n_before + 2))
    with open_study(tmp_path / "parts", name) as study:
        tried(study, n_before)
    with open_study(tmp_path / "parts", name) as study:
        assert tried(study, 2) == whole


def mlboa(*, config_first: bool) -> Searcher[Any]:
    searcher = MLBOA(SPACE, MLBOAConfig(), 4)
    own = {"rate": 1e-3, "share": 0.5, "width": 32, "depth": 2, "kind": "plain"}
    return BeginningWith(own, searcher) if config_first else searcher


def made(folder: Path, searcher: Searcher[Any], n_trials: int, n_jobs: int) -> list[Trial]:
    """Return the trials of a study up to a number, so many of them being under way at the end."""
    with StudyJournal(folder) as journal:
        study = Study(journal, {}, searcher)
        running = [study.next_trial() for _ in range(study.n_to_repeat)]
        while study.n_asked < n_trials:
            if len(running) == n_jobs:
                first = running.pop(0)
                study.tell(outcome_of(first, loss(first), 1.0 + first.number % 3))
            running.append(study.next_trial())
        lines = [line for line in journal.lines if "asked" in line]
    return [Trial(line["asked"], line["values"]) for line in lines]


@pytest.mark.parametrize("config_first", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_mlboa_goes_on_to_the_last_bit_without_proposing_again(
    tmp_path, monkeypatch, n_jobs, config_first
) -> None:
    whole = made(tmp_path / "whole", mlboa(config_first=config_first), 30, n_jobs)
    made(tmp_path / "parts", mlboa(config_first=config_first), 17, n_jobs)
    propose, proposed = Proposer.propose, []
    monkeypatch.setattr(Proposer, "propose", lambda *a: proposed.append(1) or propose(*a))
    assert made(tmp_path / "parts", mlboa(config_first=config_first), 30, n_jobs) == whole
    # Beside the config's own trial, which might be proposed again, a searcher is asked once more.
    assert len(proposed) == 30 - 17 + (n_jobs - 1) * config_first


def test_how_far_a_study_is_taken_up_again_is_told(open_study, tmp_path) -> None:
    with open_study(tmp_path) as study:
        tried(study, 3)
    told = []
    with open_study(tmp_path, progress=lambda done, total, _: told.append((done, total))):
        assert told == [(done, 6) for done in range(6)]


def test_any_cut_of_the_journal_leaves_a_study_that_ends_the_same(open_study, tmp_path) -> None:
    with open_study(tmp_path / "whole") as study:
        whole = list(tried(study, 4))
    content = (tmp_path / "whole" / NAME).read_bytes()
    for place, cut in enumerate(range(0, len(content), 97)):
        (tmp_path / f"{place}").mkdir()
        (tmp_path / f"{place}" / NAME).write_bytes(content[:cut])
        with open_study(tmp_path / f"{place}") as study:
            assert tried(study, 4 - len(study.outcomes)) == whole


def test_a_trial_that_was_under_way_is_handed_out_again(open_study, tmp_path) -> None:
    with open_study(tmp_path) as study:
        under_way = [study.next_trial(), study.next_trial()]
    with open_study(tmp_path) as study:
        assert [study.next_trial(), study.next_trial()] == under_way
        assert study.next_trial().number == 2


def test_a_failed_trial_is_kept_with_its_reason(open_study, tmp_path) -> None:
    with open_study(tmp_path) as study:
        study.tell(outcome_of(study.next_trial(), None, 1.0, "out of memory"))
    with open_study(tmp_path) as study:
        (outcome,) = study.outcomes
        assert (outcome.state, outcome.message) == ("failed", "out of memory")
        assert study.best is None


def test_the_best_is_the_lowest_value_and_failures_do_not_count(open_study, tmp_path) -> None:
    with open_study(tmp_path) as study:
        for value in (3.0, None, 1.0, 2.0):
            study.tell(outcome_of(study.next_trial(), value, 1.0))
        assert study.best.trial.number == 2


def test_a_journal_of_another_study_is_refused_by_what_differs(open_study, tmp_path) -> None:
    with open_study(tmp_path, "random"):
        pass
    with pytest.raises(StudyError, match="searcher differ"), open_study(tmp_path, "tpe"):
        pass


def test_the_journals_word_stands_where_a_searcher_proposes_something_else(
    open_study, tmp_path
) -> None:
    with open_study(tmp_path, seed=1) as study:
        before = list(tried(study, 3))
    with open_study(tmp_path, seed=2) as study:
        assert study.outcomes == before
        assert study.next_trial().number == 3


@pytest.mark.parametrize("line", ["{}", '{"told": 5}', '{"told": 0}', '{"asked": 1}'])
def test_a_line_that_says_nothing_known_is_refused(open_study, tmp_path, line) -> None:
    with open_study(tmp_path) as study:
        study.next_trial()
    with (tmp_path / NAME).open("a") as journal:
        journal.write(f"{line}\n")
    with pytest.raises(StudyError, match="nothing known"), open_study(tmp_path):
        pass


def test_a_hopeless_curve_stops_its_trial(open_study, tmp_path) -> None:
    rule = MedianRule(min_trials=1, min_steps=1)
    with open_study(tmp_path, rule=rule) as study:
        assert not study.report(study.next_trial(), 1, 1.0)
        assert study.report(study.next_trial(), 1, 2.0)
        assert not study.report(study.next_trial(), 1, 0.5)


def test_curves_are_known_again_after_an_interruption(open_study, tmp_path) -> None:
    rule = MedianRule(min_trials=1, min_steps=1)
    with open_study(tmp_path, rule=rule) as study:
        study.report(trial := study.next_trial(), 1, 1.0)
        study.tell(outcome_of(trial, 1.0, 1.0))
    with open_study(tmp_path, rule=rule) as study:
        assert study.report(study.next_trial(), 1, 2.0)


def test_every_line_is_json(open_study, tmp_path: Path) -> None:
    with open_study(tmp_path) as study:
        tried(study, 2)
    kinds = [next(iter(json.loads(line))) for line in (tmp_path / NAME).read_text().splitlines()]
    assert kinds == ["study", "asked", "told", "asked", "told"]
