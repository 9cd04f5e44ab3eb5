"""What is written down trains as it is and says no secret."""

from __future__ import annotations

import csv
import tomllib

import pytest

from coadapt.training.kinds import parse_any_config
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.results import best_toml, trials_csv
from coadapt.tuning.subject import read_subject
from coadapt.tuning.trials import Trial, outcome_of
from coadapt.tuning.tune import Tuned

LOG = {"source": "log", "path": "postgresql://ada:secret@shop/events", "until": 9}


@pytest.fixture
def tuned() -> Tuned:
    document = {"data": LOG, "recommender": {"name": "item_knn"}}
    subject = read_subject(document, TuningConfig(), "x")
    good = outcome_of(Trial(0, {"similarity": "cosine", "n_neighbours": 9}), -0.25, 1.5)
    bad = outcome_of(Trial(1, {"similarity": "bm25", "k1": 2.0}), None, 0.5, "out of memory")
    return Tuned(subject, (bad, good), good)


def test_the_best_config_is_whole_and_has_the_best_values(tuned: Tuned) -> None:
    config = parse_any_config(tomllib.loads(best_toml(tuned)), "best.toml")
    assert config.recommender.options["n_neighbours"] == 9
    assert config.recommender.options["k1"] == 1.2


def test_the_best_config_says_where_it_comes_from(tuned: Tuned) -> None:
    head = best_toml(tuned).splitlines()[0]
    assert head == ("# The best of 2 trials: number 0, with a ndcg@10 of 0.25 on validation data.")


def test_a_password_is_not_written_down(tuned: Tuned) -> None:
    assert "secret" not in best_toml(tuned)


def test_the_table_leaves_empty_what_a_trial_did_not_have(tuned: Tuned) -> None:
    failed, done = csv.DictReader(trials_csv(tuned).splitlines())
    assert (failed["state"], failed["value"], failed["message"]) == ("failed", "", "out of memory")
    assert (done["value"], done["n_neighbours"], done["k1"]) == ("0.25", "9", "")
