"""`coadapt serve` lays flags over environment over file, and promotes a run before it answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coadapt.cli import serve as serve_file
from coadapt.domain.errors import ConfigError, NotFoundError
from coadapt.serving.loop import Loop
from coadapt.settings import Settings
from coadapt.stores.files import FileRunStore

Started = list[tuple[Loop, Settings]]


@pytest.fixture(autouse=True)
def level() -> Iterator[logging.Logger]:
    """Return the package's logger, and set back what a command makes of it."""
    logger = logging.getLogger("coadapt")
    before = logger.level
    yield logger
    logger.setLevel(before)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """Note what would be served, in place of serving it, from an empty folder."""
    noted: Started = []

    def note(loop: Loop, settings: Settings, announce: Any) -> None:
        noted.append((loop, settings))
        announce("http://127.0.0.1:1")

    monkeypatch.setattr(serve_file, "serve", note)
    monkeypatch.chdir(tmp_path)
    return noted


def _here(folder: Path) -> list[str]:
    return ["serve", "--store", "sqlite://", "--runs", str(folder / "runs")]


def test_the_url_is_announced_on_a_line_of_its_own(call, started, tmp_path) -> None:
    assert call(*_here(tmp_path)).stdout == "serving http://127.0.0.1:1\n"


@pytest.mark.parametrize(("flags", "name"), [((), "INFO"), (("--log-level", "error"), "ERROR")])
def test_how_much_is_logged_can_be_said(call, started, tmp_path, level, flags, name) -> None:
    call(*_here(tmp_path), *flags)
    assert logging.getLevelName(level.level) == name


def test_the_log_tells_what_was_opened_and_restored(call, started, tmp_path, caplog) -> None:
    call(*_here(tmp_path))
    assert [record.getMessage() for record in caplog.records] == [
        "opening the log sqlite://",
        "restored 0 events, up to position 0",
    ]


def test_without_a_file_the_defaults_hold(call, started, tmp_path) -> None:
    call(*_here(tmp_path))
    assert (started[0][1].host, started[0][1].port) == ("127.0.0.1", 8400)


def test_a_coadapt_toml_that_is_there_is_read(call, started, tmp_path) -> None:
    (tmp_path / "coadapt.toml").write_text("port = 8123\n")
    call(*_here(tmp_path))
    assert started[0][1].port == 8123


def test_flags_win_over_environment_and_that_over_the_file(call, started, tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text('port = 1\nhost = "localhost"\n')
    monkeypatch.setenv("COADAPT_PORT", "2")
    config = ["--config", str(tmp_path / "mine.toml")]
    call(*_here(tmp_path), *config)
    call(*_here(tmp_path), *config, "--port", "3")
    assert [settings.port for _, settings in started] == [2, 3]
    assert started[0][1].host == "localhost"


@pytest.mark.parametrize("reference", ["latest:item_knn", "item_knn"])
def test_a_run_is_promoted_before_anybody_asks(call, started, trained, runs, reference) -> None:
    result = call("serve", "--store", "sqlite://", "--runs", runs, "--run", reference)
    assert result.exit_code == 0
    loop, _ = started[0]
    pipeline = loop.runs.pipeline(str(loop.runs.alias("default")))
    assert pipeline["recommender"] == trained["item_knn"]


def test_a_run_that_serves_already_is_not_promoted_again(call, started, tmp_path, trained, runs):
    (tmp_path / "runs").symlink_to(runs / "runs")
    here = ["serve", "--store", "sqlite://", "--runs", tmp_path]
    for run in ("item_knn", "item_knn", "popularity"):
        assert call(*here, "--run", run).exit_code == 0
    assert FileRunStore(tmp_path).pipelines() == ["default@1", "default@2"]


def test_a_run_that_there_is_not_ends_it_before_it_serves(call, started, tmp_path) -> None:
    error = call(*_here(tmp_path), "--run", "nothing").exception
    assert isinstance(error, NotFoundError)
    assert started == []


def test_a_public_address_without_keys_is_refused(call, started, tmp_path) -> None:
    error = call(*_here(tmp_path), "--host", "0.0.0.0").exception
    assert isinstance(error, ConfigError)
    assert "keys" in error.message


@pytest.mark.parametrize("text", ["colour = 1", "= nothing", 'port = "many"'])
def test_a_file_that_cannot_be_used_is_named(call, started, tmp_path, text) -> None:
    (tmp_path / "coadapt.toml").write_text(text)
    error = call(*_here(tmp_path)).exception
    assert isinstance(error, ConfigError)
    assert "coadapt.toml" in error.message


def test_a_file_that_is_asked_for_must_be_there(call, started, tmp_path) -> None:
    error = call(*_here(tmp_path), "--config", tmp_path / "nothing.toml").exception
    assert isinstance(error, ConfigError)


def test_a_port_that_is_none_is_refused(call, started, tmp_path) -> None:
    assert isinstance(call(*_here(tmp_path), "--port", "70000").exception, ConfigError)


def test_a_run_takes_the_place_of_the_live_ones_and_all_else_stays(
    call, started, tmp_path, trained, runs
) -> None:
    shop = {"name": "shop", "project": "default", "candidates": 7, "filters": ["available"]}
    shop |= {"recommender": trained["popularity"], "policy": {"name": "greedy", "options": {}}}
    (tmp_path / "runs").symlink_to(runs / "runs")
    store = FileRunStore(tmp_path)
    store.set_alias("default", store.add_pipeline("shop", shop))
    call("serve", "--store", "sqlite://", "--runs", tmp_path, "--run", "item_knn")
    assert store.pipeline("shop@2") == shop | {"recommender": trained["item_knn"]}


@pytest.fixture
def value_config(write_config) -> Path:
    """Return the tiny shop's config for a value model."""
    config = write_config("rfm")
    text = config.read_text().replace("[recommender]", "[value]").split("[evaluation]")[0]
    config.write_text('kind = "value"\n' + text.replace("1500 }", "1500, n_days = 120 }"))
    return config


def test_a_value_run_serves_beside_the_recommender_that_is_live(
    call, started, tmp_path, trained, runs, value_config
) -> None:
    call("train", value_config, "--runs", runs)
    here = ["serve", "--store", f"sqlite:///{tmp_path}/e.db", "--runs", runs]
    call(*here, "--run", trained["popularity"])
    call(*here, "--value", "latest:rfm")
    served = started[1][0].live.get("default")
    assert served is not None
    assert (served.config.recommender, "rfm" in str(served.config.value)) == (
        trained["popularity"],
        True,
    )


def test_a_value_run_alone_is_refused(call, started, tmp_path, value_config) -> None:
    call("train", value_config, "--runs", tmp_path)
    result = call("serve", "--store", "sqlite://", "--runs", tmp_path, "--value", "latest")
    assert isinstance(result.exception, ConfigError)
    assert "give --run too" in result.exception.message
