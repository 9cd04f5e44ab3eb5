"""`coadapt value` judges forecasts, draws them, and shows one person's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import ConfigError, NotFoundError

CONFIG = """
kind = "value"
[data]
source = "synthetic"
options = { n_users = 60, n_items = 30, n_events = 1500, n_days = 200 }
[value]
name = "rfm"
[training]
n_bootstrap = 10
[currencies]
base = "EUR"
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("value") / "value.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def value_run(config: Path, call_json: Any) -> str:
    run: str = call_json("train", config, "--runs", config.parent)["run"]
    return run


def test_training_says_how_to_go_on(config: Path, call: Any, tmp_path: Path) -> None:
    printed = call("train", config, "--runs", tmp_path).stdout
    assert "next: coadapt value evaluate" in printed
    assert "crps" in printed


def test_a_run_is_judged_beside_the_others(config: Path, value_run: str, call: Any) -> None:
    result = call("value", "evaluate", value_run, "--runs", config.parent, "--against", "bg_nbd")
    assert result.exit_code == 0, result.exception
    assert all(text in result.stdout for text in ("rfm", "bg_nbd", "CRPS", "Gini", "in EUR"))


def test_a_config_is_judged_as_well(config: Path, call_json: Any) -> None:
    found = call_json("value", "evaluate", config, "--against", "none")
    assert found["currency"] == "EUR"
    assert list(found["models"]) == ["rfm"]


def test_a_config_of_a_recommender_is_refused(call: Any, write_config: Any) -> None:
    result = call("value", "evaluate", write_config("popularity"))
    assert isinstance(result.exception, ConfigError)


def test_pictures_are_drawn_with_a_page(config: Path, call: Any, tmp_path: Path) -> None:
    call("value", "evaluate", config, "--against", "none", "--plots", tmp_path, "--user", "u1")
    pictures = [tmp_path / f"{name}.png" for name in ("calibration", "gain", "story")]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)
    page = (tmp_path / "value.html").read_text()
    assert page.count("data:image/png;base64,") == 3
    assert "http" not in page.replace("https://matplotlib.org", "")


def test_one_users_forecast_is_shown(config: Path, value_run: str, call: Any) -> None:
    printed = call("value", "show", value_run, "--user", "u1", "--runs", config.parent).stdout
    assert "expected_spend" in printed


def test_an_earlier_instant_knows_less(config: Path, value_run: str, call_json: Any) -> None:
    asked = ("value", "show", "latest", "--user", "u1", "--runs", config.parent)
    now, then = call_json(*asked), call_json(*asked, "--as-of", "2026-09-21")
    assert now["events_seen"] > then["events_seen"]
    assert (then["prior"], then["segment"]) == (True, "unknown")


def test_a_user_that_is_not_there_is_told(config: Path, value_run: str, call: Any) -> None:
    result = call("value", "show", value_run, "--user", "nobody", "--runs", config.parent)
    assert isinstance(result.exception, NotFoundError)


def test_latest_means_the_newest_of_its_kind(config: Path, value_run: str, call: Any) -> None:
    result = call("recommend", "latest", "--user", "u1", "--runs", config.parent)
    assert isinstance(result.exception, NotFoundError)
