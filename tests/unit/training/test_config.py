"""A RunConfig is refused whole, with file and key, before anything starts."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import ConfigError, UnknownPluginError
from coadapt.training.config import RunConfig, parse_run_config, read_run_config

EASE: dict[str, Any] = {"data": {"source": "synthetic"}, "recommender": {"name": "ease"}}


def test_defaults_are_written_out() -> None:
    config = parse_run_config(EASE, "test")
    assert config.recommender.options["regularization"] == 200.0


def test_a_written_config_reads_back_equal() -> None:
    config = parse_run_config(EASE, "test")
    assert RunConfig.model_validate(tomllib.loads(config.to_toml())).resolved() == config


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(ConfigError, match=r"shop\.toml: training\.sede"):
        parse_run_config({**EASE, "training": {"sede": 1}}, "shop.toml")


def test_an_unknown_hyperparameter_is_named() -> None:
    broken = {**EASE, "recommender": {"name": "ease", "options": {"lambda": 3}}}
    with pytest.raises(ConfigError, match="lambda"):
        parse_run_config(broken, "shop.toml")


def test_an_unknown_method_names_those_there_are() -> None:
    with pytest.raises(UnknownPluginError, match="sasrec"):
        parse_run_config({**EASE, "recommender": {"name": "saasrec"}}, "shop.toml")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text("[data\n")
    with pytest.raises(ConfigError, match=r"shop\.toml: is not TOML"):
        read_run_config(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent"):
        read_run_config(tmp_path / "absent.toml")


@pytest.mark.parametrize("broken", [{"device": "tpu"}, {"seed": -1}, {"n_threads": 0}])
def test_what_no_machine_can_do_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"training.{next(iter(broken))}"):
        parse_run_config({**EASE, "training": broken}, "shop.toml")


@pytest.mark.parametrize(
    "data",
    [
        {"source": "events_file", "path": "x.csv", "options": {"user": "who"}},
        {"source": "synthetic", "options": {"users": 3}},
    ],
)
def test_an_option_that_the_source_has_not_is_refused(data: dict[str, Any]) -> None:
    (option,) = data["options"]
    with pytest.raises(ConfigError, match=rf"shop\.toml: source {data['source']}, option {option}"):
        parse_run_config({**EASE, "data": data}, "shop.toml")


def test_a_source_that_is_not_there_names_those_there_are() -> None:
    with pytest.raises(UnknownPluginError, match="events_file"):
        parse_run_config({**EASE, "data": {"source": "event_file"}}, "shop.toml")
