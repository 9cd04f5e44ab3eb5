"""`coadapt tune` says what was found, and writes what trains as it is."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import ConfigError, DataError, StudyError
from coadapt.stores.files import FileRunStore


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tuned") / "study"


@pytest.fixture(scope="module")
def tuned(call_json, write_config, study: Path) -> dict[str, Any]:
    """Tune item_knn by four random trials."""
    options = ("--searcher", "random", "--trials", 4, "--set", "metric=ndcg@5", "--study", study)
    return call_json("tune", write_config("item_knn"), *options)


def test_json_says_the_best_and_how_many_trials_there_were(tuned, study: Path) -> None:
    assert tuned["study"] == str(study)
    assert (tuned["metric"], tuned["n_trials"], tuned["n_failed"]) == ("ndcg@5", 4, 0)
    assert 0 < tuned["best"]["value"] < 1


def test_the_best_config_trains_as_it_is_to_the_same_figure(
    tuned, call_json, study: Path, tmp_path
) -> None:
    run = call_json("train", study / "best.toml", "--runs", tmp_path)["run"]
    metrics = FileRunStore(tmp_path).manifest(run).metrics
    assert metrics["ndcg@5"] == pytest.approx(tuned["best"]["value"])


def test_the_best_config_has_the_best_values(tuned, study: Path) -> None:
    options = tomllib.loads((study / "best.toml").read_text())["recommender"]["options"]
    assert options.items() >= tuned["best"]["values"].items()


def test_the_table_has_a_row_a_trial_with_its_figure(tuned, study: Path) -> None:
    rows = list(csv.DictReader((study / "trials.csv").read_text().splitlines()))
    assert [row["trial"] for row in rows] == ["0", "1", "2", "3"]
    assert max(float(row["value"]) for row in rows) == tuned["best"]["value"]
    assert {row["state"] for row in rows} == {"done"}


def test_the_report_shows_history_importance_and_slices(tuned, study: Path) -> None:
    page = (study / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 3
    assert all((study / f"{name}.png").exists() for name in ("history", "importance", "slices"))
    assert "similarity" in page


def test_people_are_told_the_best_the_files_and_the_next_step(
    tuned, call, write_config, study: Path
) -> None:
    options = ("--searcher", "random", "--trials", 4, "--set", "metric=ndcg@5", "--study", study)
    result = call("tune", write_config("item_knn"), *options)
    assert result.exit_code == 0, result.exception
    assert f"{tuned['best']['value']:.5f}" in result.stdout
    assert f"next: coadapt train {study / 'best.toml'}\n" in result.stdout
    assert "4 of 4 trials, best ndcg@5" in result.stderr


def test_what_was_gained_over_the_config_is_told(call, write_config, tmp_path) -> None:
    here = ("--searcher", "grid", "--study", tmp_path / "study", "--runs", tmp_path)
    printed = call("tune", write_config("ease"), *here, "--trials", 1).stdout
    assert "no trial beat the config as it stands (trial 0)" in printed
    assert f"best.toml --runs {tmp_path}\n" in printed
    printed = call("tune", write_config("ease"), *here, "--trials", 9).stdout
    assert " as the config stands (trial 0), " in printed


def test_a_stopping_rule_that_stops_nothing_is_told(call, write_config, tmp_path) -> None:
    options = ("--trials", 1, "--set", "stopping=asha", "--study", tmp_path / "study")
    assert "no trial is stopped early" not in call("tune", write_config("ease"), *options).stderr
    assert (
        "no trial is stopped early"
        in call(
            "tune",
            write_config("ease"),
            *options,
            "--set",
            "metric=mrr",
            "--study",
            tmp_path / "mrr",
        ).stderr
    )


def test_other_data_are_refused_where_the_config_makes_its_own(call, write_config) -> None:
    result = call("tune", write_config("ease"), "--data", "events.jsonl")
    assert isinstance(result.exception, ConfigError)
    assert "--data: this config makes its data up" in str(result.exception)


def test_failed_trials_are_told_with_a_reason(call, write_config, tmp_path) -> None:
    config = write_config("ease")
    config.write_text(config.read_text() + "[tuning.space]\nmax_rows = [1, 50]\n")
    options = ("--searcher", "grid", "--trials", 10, "--study", tmp_path / "study")
    printed = call("tune", config, *options).stdout
    assert "5 failed; the last one: ease would invert a matrix of 30 rows" in printed


def test_another_study_in_the_same_folder_is_refused(tuned, call, write_config, study) -> None:
    result = call("tune", write_config("item_knn"), "--searcher", "grid", "--study", study)
    assert isinstance(result.exception, StudyError)


def test_a_config_with_nothing_to_search_is_refused(call, write_config, tmp_path) -> None:
    result = call("tune", write_config("popularity"), "--study", tmp_path / "study")
    assert isinstance(result.exception, ConfigError)
    assert "popularity.toml: tuning.space: nothing is left to search" in str(result.exception)
    assert not (tmp_path / "study").exists()


def test_data_of_the_command_line_win(call, tmp_path) -> None:
    (tmp_path / "c.toml").write_text('[data]\npath = "here"\n[recommender]\nname = "ease"\n')
    result = call("tune", tmp_path / "c.toml", "--data", "elsewhere", "--study", tmp_path / "s")
    assert isinstance(result.exception, DataError)
    assert "elsewhere" in str(result.exception)


@pytest.mark.parametrize("text", ["jobs", "=2", "jobs="])
def test_a_setting_that_is_none_is_refused(call, write_config, text: str) -> None:
    result = call("tune", write_config("item_knn"), "--set", text)
    assert isinstance(result.exception, ConfigError)
    assert f"--set {text}" in str(result.exception)


def test_a_setting_that_the_table_has_not_is_refused(call, write_config) -> None:
    result = call("tune", write_config("item_knn"), "--set", "speed=2")
    assert isinstance(result.exception, ConfigError)
    assert "speed: extra inputs" in str(result.exception)


def test_any_key_of_the_table_can_be_set(call_json, write_config, tmp_path) -> None:
    keys = ("--set", "searcher=grid", "--set", "trials=3", "--set", "config_first=false")
    options = (*keys, "--study", tmp_path / "study")
    assert call_json("tune", write_config("item_knn"), *options)["n_trials"] == 3
    identity = json.loads((tmp_path / "study" / "journal.jsonl").read_text().splitlines()[0])
    assert identity["study"]["searcher"] == "grid"


def test_keys_of_tables_within_the_table_can_be_set(call_json, write_config, tmp_path) -> None:
    options = ("--searcher", "grid", "--set", "options.n_places=2", "--set", "config_first=false")
    space = ("--set", "space.regularization={low=1.0,high=9.0}", "--study", tmp_path / "study")
    assert call_json("tune", write_config("ease"), *options, *space)["n_trials"] == 2
    first, *_ = (tmp_path / "study" / "journal.jsonl").read_text().splitlines()
    assert json.loads(first)["study"]["options"]["n_places"] == 2


def test_a_config_outside_of_the_space_is_told_to_be_left_out(call, write_config, tmp_path) -> None:
    config = write_config("ease")
    config.write_text(config.read_text() + "[tuning.space]\nregularization = [7.0, 8.0]\n")
    result = call("tune", config, "--trials", 1, "--study", tmp_path / "study")
    assert "lies outside of the space (regularization)" in result.stderr
