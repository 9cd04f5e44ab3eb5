"""`coadapt train` keeps a run and says where it is and what comes next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coadapt.domain.errors import ConfigError, DataError
from coadapt.stores.files import FileRunStore
from coadapt.training.load import load_recommender


def test_the_run_is_kept_where_it_is_asked_for(runs: Path, trained) -> None:
    store = FileRunStore(runs)
    assert {run.run_id for run in store.runs()} >= set(trained.values())
    assert load_recommender(store, trained["popularity"]).manifest.n_items == 30


def test_people_are_told_the_metrics_the_card_and_the_next_step(call, write_config, tmp_path):
    printed = call("train", write_config("popularity"), "--runs", tmp_path).stdout
    (run,) = FileRunStore(tmp_path).runs()
    assert printed.startswith("validation of ")
    assert f"{run.metrics['ndcg@5']:.4f}" in printed
    assert str(tmp_path / "runs" / run.run_id / "card.md") in printed
    assert f"next: coadapt evaluate {run.run_id}" in printed


def test_json_is_the_run_and_its_metrics(runs: Path, trained, call_json, write_config, tmp_path):
    answer = call_json("train", write_config("popularity"), "--runs", tmp_path)
    manifest = FileRunStore(tmp_path).manifest(answer["run"])
    assert answer["metrics"] == dict(manifest.metrics)
    assert manifest.metrics == FileRunStore(runs).manifest(trained["popularity"]).metrics


def test_the_seed_of_the_command_line_wins(call_json, write_config, tmp_path) -> None:
    config = write_config("popularity")
    run = call_json("train", config, "--runs", tmp_path, "--seed", 5)["run"]
    assert FileRunStore(tmp_path).manifest(run).seed == 5


def test_a_run_trains_again_from_its_own_config(runs: Path, trained, call_json, tmp_path) -> None:
    files = FileRunStore(runs).open(trained["item_knn"])
    run = call_json("train", files["run.toml"], "--runs", tmp_path)["run"]
    again = FileRunStore(tmp_path).open(run)
    name = "weights.safetensors"
    assert again[name].read_bytes() == files[name].read_bytes()


def test_the_data_folder_is_where_relative_paths_start(call_json, tmp_path) -> None:
    rows = "".join(f"{u}::{u + i}::5::97830{i:04}\n" for u in range(9) for i in range(9))
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "ratings.dat").write_text(rows)
    config = tmp_path / "config.toml"
    config.write_text('[data]\npath = "ml"\n[recommender]\nname = "popularity"\n')
    answer = call_json("train", config, "--runs", tmp_path, "--data-root", tmp_path)
    assert FileRunStore(tmp_path).manifest(answer["run"]).n_items == 17


def test_data_of_the_command_line_wins(call, tmp_path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[data]\npath = "here"\n[recommender]\nname = "popularity"\n')
    result = call("train", config, "--runs", tmp_path, "--data", "elsewhere")
    assert isinstance(result.exception, DataError)
    assert "elsewhere" in str(result.exception)


@pytest.mark.parametrize("text", ["", "= nothing", '[data]\n[recommender]\nname = "no_such"'])
def test_a_config_that_is_none_is_refused_and_no_run_is_made(call, tmp_path, text) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    result = call("train", config, "--runs", tmp_path / "runs")
    assert result.exit_code == 1
    assert not (tmp_path / "runs").exists()


def test_a_config_that_is_not_there_is_named(call, tmp_path) -> None:
    result = call("train", tmp_path / "nothing.toml")
    assert isinstance(result.exception, ConfigError)
    assert "nothing.toml" in str(result.exception)


def test_the_environment_names_the_folder_of_runs(call_json, write_config, tmp_path, monkeypatch):
    monkeypatch.setenv("COADAPT_RUNS", str(tmp_path))
    call_json("train", write_config("popularity"))
    assert len(FileRunStore(tmp_path).runs()) == 1


def test_every_line_of_a_progress_file_is_json(runs: Path, trained) -> None:
    text = FileRunStore(runs).open(trained["item_knn"])["progress.jsonl"].read_text()
    assert all(json.loads(line) for line in text.splitlines())
