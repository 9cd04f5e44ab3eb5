"""A study is put together from a config, and told apart from any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import StudyError
from coadapt.stores.open import open_event_store
from coadapt.testing.stores import append, make_event
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.journal import StudyJournal
from coadapt.tuning.subject import Subject, read_subject
from coadapt.tuning.tune import Place, objective_of, pinned, tune

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


KINDS: list[dict[str, Any]] = [
    {"recommender": {"name": "ease"}},
    {"kind": "value", "value": {"name": "rfm"}, "currencies": {"base": "EUR"}},
    {"kind": "policy", "pipeline": {"recommender": "run"}},
]


def of_log(tmp_path: Path, kind: dict[str, Any], **data: Any) -> Subject:
    """Return a subject whose data are a log of three events."""
    url = f"sqlite:///{tmp_path}/log.db"
    store = open_event_store(url)
    append(store, *(make_event(f"e{number}") for number in range(3)))
    store.close()
    return read_subject({**kind, "data": {"source": "log", "path": url, **data}}, TUNING, "x")


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_without_an_end_ends_where_it_does_now(tmp_path, kind) -> None:
    assert pinned(of_log(tmp_path, kind), tmp_path).config.data.until == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_ends_where_its_study_began(tmp_path, kind) -> None:
    with StudyJournal(tmp_path) as journal:
        journal.append({"study": {"until": 2}})
    assert pinned(of_log(tmp_path, kind), tmp_path).config.data.until == 2


@pytest.mark.parametrize("line", ["", "{", "[]", '{"study": 1}', '{"study": {"until": "2"}}'])
def test_a_journal_that_says_no_end_gives_none(tmp_path, line) -> None:
    (tmp_path / "journal.jsonl").write_text(line)
    assert pinned(of_log(tmp_path, KINDS[0]), tmp_path).config.data.until == 3


def test_an_end_that_the_config_names_stands(tmp_path) -> None:
    subject = of_log(tmp_path, KINDS[0], until=1)
    assert pinned(subject, tmp_path) is subject
