"""The server opens its port, or says why it cannot, and lets go of it."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coadapt.api.server import serve, training_commands
from coadapt.domain.errors import ConfigError
from coadapt.serving.loop import Loop
from coadapt.settings import Settings

SETTINGS = Settings(store_url="sqlite:///a b.db", runs=Path("my runs"), port=0)
CONFIGS = Path(__file__).parents[3] / "configs"
RECOMMENDER = CONFIGS / "synthetic.toml"


class StoppedError(Exception):
    """End a server before it answers."""


@pytest.fixture(autouse=True)
def switch_interval() -> Iterator[None]:
    seconds = sys.getswitchinterval()
    yield
    sys.setswitchinterval(seconds)


def announced_by(loop: Loop, **changes: Any) -> str:
    told: list[str] = []

    def announce(url: str) -> None:
        told.append(url)
        raise StoppedError

    with pytest.raises(StoppedError):
        serve(loop, SETTINGS.model_copy(update=changes), announce)
    return told[0]


def test_port_zero_is_a_free_port(loop: Loop) -> None:
    host, _, port = announced_by(loop).rpartition(":")
    assert host == "http://127.0.0.1"
    assert int(port) > 0


def test_that_it_stops_is_logged_also_where_a_signal_ends_it(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def leave(*_: object, **__: object) -> None:
        raise SystemExit(0)

    monkeypatch.setattr("uvicorn.Server.run", leave)
    with caplog.at_level("INFO", "coadapt"), pytest.raises(SystemExit):
        serve(loop, SETTINGS, lambda _: None)
    assert "stopping" in caplog.messages


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_is_announced_in_brackets(loop: Loop) -> None:
    assert announced_by(loop, host="::1").startswith("http://[::1]:")


def test_a_server_that_ends_lets_go_of_its_port(loop: Loop) -> None:
    port = int(announced_by(loop).rpartition(":")[2])
    assert announced_by(loop, port=port).endswith(f":{port}")


def test_a_port_in_use_is_told_with_the_way_out(loop: Loop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = SETTINGS.model_copy(update={"port": taken.getsockname()[1]})
        with pytest.raises(ConfigError, match=rf"127\.0\.0\.1:{settings.port} .* try --port"):
            serve(loop, settings, print)


def test_a_child_trains_on_the_log_of_this_installation() -> None:
    command = training_commands(SETTINGS).train(RECOMMENDER, "shop")
    assert command[:5] == [sys.executable, "-m", "coadapt", "train", str(RECOMMENDER)]
    assert {"--project=shop", "--runs=my runs"} <= set(command)


@pytest.mark.parametrize("name", ["log-policy.toml", "synthetic-value.toml"])
def test_what_is_no_recommender_is_not_retrained(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"{name}: kind must be 'recommender'"):
        training_commands(SETTINGS).train(CONFIGS / name, "shop")


def test_a_config_for_retraining_is_looked_at_before_anybody_is_served(tmp_path: Path) -> None:
    project = {"retrain": {"config": tmp_path / "nothing.toml"}}
    settings = Settings.model_validate({"projects": {"shop": project}})
    with pytest.raises(ConfigError, match=r"nothing\.toml: cannot be read"):
        training_commands(settings)


def test_no_command_line_shows_where_the_log_is() -> None:
    commands = training_commands(SETTINGS)
    shown = [*commands.train(RECOMMENDER, "shop"), *commands.compare("new", "old")]
    assert not any("a b.db" in part for part in shown)
    assert commands.variables == {"COADAPT_STORE_URL": "sqlite:///a b.db"}


def test_a_child_compares_runs_of_this_installation_now() -> None:
    command = training_commands(SETTINGS).compare("new", "old")
    assert command[3:6] == ["my runs", "new", "old"]
    assert int(command[6]) > 1_700_000_000_000
