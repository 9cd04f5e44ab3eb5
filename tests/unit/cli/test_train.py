"""`coadapt train` keeps a run and says where it is and what comes next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coadapt.domain.errors import ConfigError, DataError
from coadapt.domain.events import Event
from coadapt.stores.files import FileRunStore
from coadapt.stores.open import open_event_store
from coadapt.training.load import load_recommender


def test_the_run_is_kept_where_it_is_asked_for(runs: Path, trained) -> None:
    store = FileRunStore(runs)
    assert {run.run_id for run in store.runs()} >= set(trained.values())
    assert load_recommender(store, trained["popularity"]).manifest.n_items == 30


def test_people_are_told_the_metrics_the_card_and_the_next_step(call, write_config, tmp_path):
    printed = call("train", write_config("popularity"), "--runs", tmp_path).stdout
    (run,) = FileRunStore(tmp_path).runs()
    assert printed.startswith("run ")
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


@pytest.fixture
def log_url(tmp_path) -> str:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    store = open_event_store(url)
    seen = [(p, u, (u + t) % 7, t) for p in ("a", "b") for u in range(9) for t in range(6)]
    store.append(
        [
            Event(f"{u}-{t}", "page_view", t * 99 + u, p, user_id=f"{p}{u}", item_id=f"{p}-{i}")
            for p, u, i, t in seen
        ]
    ).result()
    store.close()
    return url


@pytest.fixture
def log_config(tmp_path) -> Path:
    config = tmp_path / "config.toml"
    config.write_text('[data]\nsource = "log"\n[recommender]\nname = "popularity"\n')
    return config


def test_a_project_of_the_command_line_is_the_one_that_is_learnt_from(
    call_json, log_config, log_url, tmp_path
) -> None:
    run = call_json("train", log_config, "--data", log_url, "--project", "b", "--runs", tmp_path)
    loaded = load_recommender(FileRunStore(tmp_path), run["run"])
    assert {item_id[0] for item_id in loaded.vocabulary.ids} == {"b"}
    assert (loaded.manifest.project, loaded.config.data.project) == ("b", "b")


def test_the_environment_names_the_log(call_json, log_config, log_url, tmp_path, monkeypatch):
    monkeypatch.setenv("COADAPT_STORE_URL", log_url)
    run = call_json("train", log_config, "--project", "a", "--runs", tmp_path)["run"]
    assert FileRunStore(tmp_path).manifest(run).project == "a"


def test_the_log_of_the_environment_is_no_data_of_another_source(
    call_json, write_config, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("COADAPT_STORE_URL", "sqlite:///elsewhere.db")
    run = call_json("train", write_config("popularity"), "--runs", tmp_path)["run"]
    assert FileRunStore(tmp_path).manifest(run).project is None


@pytest.mark.parametrize(
    ("option", "message"),
    [(("--data", "my.csv"), "makes its data up"), (("--project", "shop"), "a log has projects")],
)
def test_an_option_that_the_source_passes_over_is_refused(
    call, write_config, tmp_path, option, message
) -> None:
    result = call("train", write_config("popularity"), "--runs", tmp_path, *option)
    assert isinstance(result.exception, ConfigError)
    assert message in str(result.exception)


def test_a_seed_that_cannot_be_is_refused(call, write_config, tmp_path) -> None:
    result = call("train", write_config("popularity"), "--runs", tmp_path, "--seed", "-1")
    assert result.exit_code == 2
    assert FileRunStore(tmp_path).runs() == []
