"""A card says of a run what a person should know, in its own figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coadapt.evaluation.offline import Evaluation, evaluate
from coadapt.evaluation.summary import Summary
from coadapt.training.card import render_card
from coadapt.training.config import RunConfig
from coadapt.training.fitting import fit
from coadapt.training.preparing import Prepared, prepare

FACTS: dict[str, Any] = {
    "run_id": "run-1",
    "created_at": "2026-11-22T12:00:00Z",
    "seconds": 1.5,
    "seed": 7,
    "package_version": "0.1",
    "commit": "abc123",
}


@pytest.fixture(scope="module")
def prepared(make_config, surroundings) -> Prepared:
    return prepare(make_config(), surroundings)


@pytest.fixture(scope="module")
def evaluation(prepared: Prepared, make_config) -> Evaluation:
    config, split = make_config(), prepared.split
    recommender = config.make_recommender()
    fit(recommender, split, config.training)
    return evaluate(recommender, split.validation, split.train.item_counts, config.evaluation)


@pytest.fixture
def card(make_config, prepared: Prepared, evaluation: Evaluation) -> str:
    return render_card(make_config(), FACTS, prepared, evaluation)


def _section(card: str, title: str) -> str:
    return card.partition(f"## {title}\n")[2].partition("\n## ")[0]


def _rendered(config: RunConfig, prepared: Prepared, evaluation: Evaluation, **facts: Any) -> str:
    return render_card(config, FACTS | facts, prepared, evaluation)


def test_the_sections_stand_in_their_order(card: str) -> None:
    titles = [line for line in card.splitlines() if line.startswith("#")]
    assert titles == ["# run-1", "## Data", "## Split", "## Validation", "## Limits"]


def test_it_says_what_was_trained_when_and_by_what(card: str) -> None:
    assert "by **popularity**" in card
    assert "2026-11-22T12:00:00Z in 1.5 s with seed 7 by coadapt 0.1 at commit abc123." in card


def test_outside_a_repository_no_commit_is_named(make_config, prepared, evaluation) -> None:
    assert "commit" not in _rendered(make_config(), prepared, evaluation, commit=None)


def test_it_counts_events_users_and_items(card: str, prepared: Prepared) -> None:
    dataset = prepared.dataset
    said = f"1,500 events of {dataset.n_users} users and {dataset.n_items} items"
    assert said in _section(card, "Data")
    assert dataset.fingerprint[:16] in _section(card, "Data")


def test_it_says_from_when_to_when_the_data_are(card: str) -> None:
    assert "2026-09-21 to 2026-10-21" in _section(card, "Data")


def test_it_tells_each_metric_with_its_interval(card: str, evaluation: Evaluation) -> None:
    summary: Summary = evaluation.summaries["ndcg@10"]
    row = f"| ndcg@10 | {summary.value:.4f} | {summary.low:.4f} to {summary.high:.4f} |"
    assert row in _section(card, "Validation").splitlines()


def test_it_counts_whom_it_was_judged_on(card: str, prepared: Prepared) -> None:
    assert f"{len(prepared.split.validation)} users, whole catalogue" in card


def test_a_refit_is_told(make_config, prepared, evaluation, card: str) -> None:
    refit = make_config(training={"refit": True})
    assert "Refitted on training and validation." in _rendered(refit, prepared, evaluation)
    assert "Not refitted." in card


def test_the_methods_options_are_named(make_config, prepared, evaluation) -> None:
    config = make_config(recommender={"name": "ease", "options": {"regularization": 12.0}})
    assert "**ease** (regularization 12.0" in _rendered(config, prepared, evaluation)


def test_weak_spots_are_counted(make_config, surroundings, evaluation) -> None:
    options = {"n_users": 60, "n_items": 40, "n_events": 350}
    config = make_config(data={"source": "synthetic", "options": options})
    sparse = prepare(config, surroundings)
    counts = sparse.split.train.item_counts
    assert {0, 4, 5} <= set(counts)
    n_rare = int(((counts > 0) & (counts < 5)).sum())
    said = f"{int((counts == 0).sum())} items have no event in the training part and {n_rare} fewer"
    assert said in _section(_rendered(config, sparse, evaluation), "Limits")


def test_data_without_times_have_no_span(make_config, prepared, evaluation) -> None:
    table = replace(prepared.reading.table, has_times=False)
    timeless = replace(prepared, reading=replace(prepared.reading, table=table))
    said = _section(_rendered(make_config(), timeless, evaluation), "Data")
    assert "items, without times;" in said


def test_targets_met_before_are_out_of_reach_only_where_they_are_left_out(
    make_config, prepared, evaluation
) -> None:
    counting = make_config(evaluation={"ks": [10], "skip_seen": False})
    said = (_rendered(config, prepared, evaluation) for config in (make_config(), counting))
    assert ["out of reach" in each for each in said] == [True, False]
