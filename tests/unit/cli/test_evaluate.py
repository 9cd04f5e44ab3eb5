"""`coadapt evaluate` tells how good a run is on events it has never seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coadapt.domain.errors import NotFoundError
from coadapt.stores.files import FileRunStore


@pytest.fixture
def evaluated(trained, runs: Path, call_json):
    """Return what --json prints of the test events."""
    return call_json("evaluate", trained["item_knn"], "--runs", runs)


def test_json_names_the_run_the_part_and_every_metric(evaluated, trained) -> None:
    assert (evaluated["run"], evaluated["part"]) == (trained["item_knn"], "test")
    assert "ndcg@5" in json.dumps(evaluated)


def test_validation_gives_the_figures_of_the_training(trained, runs: Path, call) -> None:
    run = FileRunStore(runs).manifest(trained["item_knn"])
    printed = call("evaluate", run.run_id, "--runs", runs, "--on", "validation").stdout
    assert f"validation of {run.run_id}" in printed
    assert f"{run.metrics['ndcg@5']:.4f}" in printed


def test_people_see_each_metric_between_its_bounds(trained, runs: Path, call) -> None:
    printed = call("evaluate", trained["item_knn"], "--runs", runs).stdout
    (row,) = [line for line in printed.splitlines() if " ndcg@5 " in line]
    value, low, high = (float(cell) for cell in row.split("│")[2:5])
    assert 0 <= low <= value <= high <= 1


def test_a_method_can_be_named_in_place_of_a_run(trained, runs: Path, call_json) -> None:
    answer = call_json("evaluate", "latest:popularity", "--runs", runs)
    assert answer["run"] == trained["popularity"]


def test_the_result_is_kept_beside_the_run(evaluated, trained, runs: Path) -> None:
    kept = sorted((runs / "evaluations" / trained["item_knn"]).glob("*.json"))
    record = json.loads(kept[-1].read_text())
    assert record["part"] in {"test", "validation"}


def test_an_unknown_run_is_told_with_those_there_are(trained, runs: Path, call) -> None:
    error = call("evaluate", "no-such-run", "--runs", runs).exception
    assert isinstance(error, NotFoundError)
    assert trained["item_knn"] in error.message


def test_a_part_that_there_is_not_is_refused(trained, runs: Path, call) -> None:
    result = call("evaluate", trained["item_knn"], "--runs", runs, "--on", "train")
    assert result.exit_code == 2
    assert "validation" in result.stderr
