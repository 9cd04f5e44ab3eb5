"""A finished run is judged on what its own config held out, and the result is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coadapt.domain.errors import DataError, NotFoundError
from coadapt.stores.files import FileRunStore
from coadapt.training.judging import judge_run, open_with_data, same_basis
from coadapt.training.run import train


@pytest.fixture
def run(make_config, surroundings, runs: FileRunStore) -> str:
    """Return a run of the tiny shop."""
    return train(make_config("item_knn"), runs, surroundings).run_id


def _records(tmp_path: Path) -> list[dict[str, object]]:
    files = sorted((tmp_path / "runs" / "evaluations").glob("*/*.json"))
    return [json.loads(file.read_text()) for file in files]


def test_the_validation_of_a_run_is_the_one_of_its_training(run, runs, surroundings) -> None:
    judgement = judge_run(runs, run, surroundings, "validation")
    assert judgement.evaluation.means() == pytest.approx(runs.manifest(run).metrics)


def test_a_refitted_run_is_judged_on_test_alone(make_config, runs, surroundings) -> None:
    refitted = train(make_config(training={"refit": True}), runs, surroundings).run_id
    with pytest.raises(DataError, match="has seen its validation events"):
        judge_run(runs, refitted, surroundings, "validation")
    assert judge_run(runs, refitted, surroundings, "test").part == "test"


def test_test_and_validation_are_different_events(run, runs, surroundings) -> None:
    parts = ("test", "validation")
    means = [judge_run(runs, run, surroundings, part).evaluation.means() for part in parts]
    assert means[0] != means[1]


def test_a_judgement_can_be_repeated(run, runs, surroundings) -> None:
    first, second = (judge_run(runs, run, surroundings) for _ in range(2))
    assert first.evaluation.to_dict() == second.evaluation.to_dict()


def test_each_judgement_is_kept_beside_the_run(run, runs, surroundings, tmp_path) -> None:
    judgement = judge_run(runs, run, surroundings)
    (record,) = _records(tmp_path)
    assert (record["part"], record["at_ms"]) == ("test", surroundings.now_ms)
    assert record["summaries" if "summaries" in record else "metrics"]
    assert (judgement.run_id, judgement.part) == (run, "test")


def test_the_run_itself_does_not_change(run, runs, surroundings) -> None:
    before = runs.manifest(run)
    judge_run(runs, run, surroundings)
    assert runs.manifest(run) == before
    assert runs.open(run)


def test_a_run_is_opened_with_the_data_it_learnt_from(run, runs, surroundings) -> None:
    loaded, prepared = open_with_data(runs, run, surroundings)
    assert loaded.vocabulary.ids == prepared.dataset.item_ids.ids
    assert prepared.dataset.fingerprint == loaded.manifest.dataset_fingerprint


def test_the_same_data_may_stand_elsewhere(make_config, runs, surroundings, tmp_path) -> None:
    rows = "".join(f"{u}::{u + i}::5::97830{i:04}\n" for u in range(9) for i in range(9))
    (tmp_path / "ratings.dat").write_text(rows)
    data = {"source": "movielens_1m", "path": str(tmp_path / "ratings.dat")}
    run = train(make_config(data=data), runs, surroundings).run_id
    moved = (tmp_path / "ratings.dat").rename(tmp_path / "moved.dat")
    assert judge_run(runs, run, surroundings, "test", str(moved)).run_id == run
    with pytest.raises(DataError, match="no such file"):
        judge_run(runs, run, surroundings)


def test_a_run_that_is_not_there_is_judged_by_nobody(runs, surroundings) -> None:
    with pytest.raises(NotFoundError):
        judge_run(runs, "nothing", surroundings)


def test_runs_that_were_asked_the_same_can_be_compared(
    make_config, runs: FileRunStore, surroundings
) -> None:
    names = [train(make_config(m), runs, surroundings).run_id for m in ("popularity", "item_knn")]
    same_basis([judge_run(runs, name, surroundings) for name in names])


def test_a_run_of_another_split_is_not_compared(
    run, make_config, runs: FileRunStore, surroundings
) -> None:
    split = {"kind": "per_user_holdout"}
    other = train(make_config("item_knn", split=split), runs, surroundings).run_id
    with pytest.raises(DataError, match="cannot be compared"):
        same_basis([judge_run(runs, name, surroundings) for name in (run, other)])


def test_targets_seen_before_are_missed_only_where_what_was_seen_is_skipped(
    make_config, runs: FileRunStore, surroundings
) -> None:
    shares = []
    for skip_seen in (True, False):
        evaluation = {"ks": [10], "n_bootstrap": 20, "skip_seen": skip_seen}
        run = train(make_config(evaluation=evaluation), runs, surroundings).run_id
        shares.append(judge_run(runs, run, surroundings).missed_share)
    assert shares[0] > 0
    assert shares[1] == 0
