"""`coadapt playground` refuses early, and clearly, what cannot work."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coadapt.cli._play.client import ShopClient
from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.service import Service, ServiceError, check_port
from coadapt.cli.playground import app
from coadapt.domain.errors import CoadaptError, ConfigError


def refusal(*arguments: str) -> str:
    error = CliRunner().invoke(app, [*arguments, "--seconds", "1"]).exception
    assert isinstance(error, CoadaptError)
    return error.message


def test_a_port_in_use_is_refused_before_anything_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} cannot be opened .* --port"):
            check_port(port)


def test_a_free_port_is_not_refused() -> None:
    check_port(0)


def test_a_source_needs_a_path() -> None:
    assert "--path" in refusal("--source", "movielens")


def test_a_path_that_does_not_exist_is_told() -> None:
    assert "does not exist" in refusal("--source", "movielens", "--path", "/no/such")


def test_an_unknown_method_is_told_with_those_there_are() -> None:
    assert "ease" in refusal("--method", "no_such")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert "empty folder" in refusal("--folder", str(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_service_that_ended_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "service.log").write_text("first\nthe disk is gone\n")
    ended = subprocess.Popen([sys.executable, "-c", ""], text=True)
    ended.wait()
    with pytest.raises(ServiceError, match="the disk is gone"):
        Service("http://127.0.0.1:1", ended, tmp_path / "service.log").check()


def test_a_request_that_fails_is_counted() -> None:
    gauges = Gauges(started_s=0.0)

    async def ask() -> object:
        async with ShopClient("http://127.0.0.1:1", gauges) as client:
            return await client.recommend({"user_id": "mia"}, 10)

    assert asyncio.run(ask()) is None
    assert (gauges.n_errors, gauges.n_recommendations) == (1, 0)
