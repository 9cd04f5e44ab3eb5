"""A study is drawn whatever its trials were like."""

from __future__ import annotations

from pathlib import Path

import pytest

from coadapt.cli._tune.album import best_columns, top_rows, write_album
from coadapt.domain.errors import StoreError
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.subject import read_subject
from coadapt.tuning.trials import Outcome, Trial, outcome_of
from coadapt.tuning.tune import Tuned

SHOP = {"data": {"source": "synthetic"}, "recommender": {"name": "item_knn"}}
COSINE = {"similarity": "cosine", "n_neighbours": 9}
BM25 = {"similarity": "bm25", "n_neighbours": 50, "k1": 2.0, "b": 0.5}


def tuned(*outcomes: Outcome) -> Tuned:
    best = min((each for each in outcomes if each.value is not None), key=lambda o: o.value or 0.0)
    return Tuned(read_subject(SHOP, TuningConfig(), "x"), outcomes, best)


def outcome(number: int, values: dict, value: float | None, **facts) -> Outcome:
    return outcome_of(Trial(number, values), value, 1.0, **facts)


@pytest.fixture
def mixed() -> Tuned:
    """A failure, a stopped trial, and two that went well."""
    return tuned(
        outcome(0, BM25, None, message="<b>out of memory</b>"),
        outcome(1, COSINE, -0.1, is_stopped=True),
        outcome(2, BM25, -0.3),
        outcome(3, COSINE, -0.2),
    )


def test_failed_and_stopped_trials_are_drawn_and_counted(mixed: Tuned, tmp_path: Path) -> None:
    files = write_album(mixed, tmp_path)
    assert all(path.stat().st_size > 0 for path in files)
    page = (tmp_path / "report.html").read_text()
    assert "4 trials: 2 done, 1 stopped early, 1 failed" in page


def test_one_trial_is_enough_to_draw(tmp_path: Path) -> None:
    assert len(write_album(tuned(outcome(0, COSINE, -0.1)), tmp_path)) == 6


def test_the_best_trial_comes_first_and_what_it_did_not_have_is_a_dash(mixed: Tuned) -> None:
    head, best, second, _ = top_rows(mixed)
    assert (best[0], best[1], best[head.index("k1")]) == ("2", "0.30000", "2")
    assert (second[0], second[head.index("k1")]) == ("3", "-")


def test_people_read_trials_as_columns(mixed: Tuned) -> None:
    assert best_columns(mixed, n_trials=2)[0] == ("trial", "2", "3")


def test_a_folder_that_is_not_there_is_named(mixed: Tuned, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="gone"):
        write_album(mixed, tmp_path / "gone")
