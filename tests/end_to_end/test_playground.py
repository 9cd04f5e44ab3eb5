"""A stranger types one command and sees the whole loop."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

COMMAND = [sys.executable, "-m", "coadapt", "playground"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("played") / "shop"
    command = [*COMMAND, "--seconds", "3", "--json", "--folder", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    return {"folder": folder, "stdout": answer.stdout, **json.loads(answer.stdout)}


def test_standard_output_holds_one_json_object_and_nothing_else(played: dict[str, Any]) -> None:
    assert len(played["stdout"].splitlines()) == 1


def test_events_and_recommendations_flow_without_an_error(played: dict[str, Any]) -> None:
    assert played["errors"] == 0
    assert played["n_events"] > 20
    assert played["n_recommendations"] > 5


def test_rates_are_what_was_counted_over_the_time_it_took(played: dict[str, Any]) -> None:
    assert played["events_per_second"] * played["seconds"] == pytest.approx(
        played["n_events"], rel=0.02
    )


def test_one_event_changes_a_slate_and_it_is_in_neither(played: dict[str, Any]) -> None:
    before, after = (
        [item["item_id"] for item in played[name]] for name in ("slate_before", "slate_after")
    )
    assert played["changed"] is True
    assert before != after
    assert played["event"]["item_id"] not in after
    assert 0 < played["ms_until_changed"] < 2_000


def test_both_groups_click_rates_have_intervals(played: dict[str, Any]) -> None:
    rates = played["click_rate"].values()
    assert all(0 <= rate["low"] <= rate["high"] <= 1 for rate in rates)
    assert sum(rate["n_exposures"] for rate in rates) > 50


def test_the_trained_run_beats_popularity_on_the_same_split(played: dict[str, Any]) -> None:
    validation = played["validation"]
    assert validation["value"] > 2 * validation["popularity"] > 0


def test_everything_is_kept_in_the_folder(played: dict[str, Any]) -> None:
    assert (played["folder"] / "coadapt.toml").exists()
    assert (played["folder"] / "runs" / "runs" / played["validation"]["run"]).is_dir()


def test_the_service_is_gone_afterwards(played: dict[str, Any]) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(played["url"], trust_env=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_end_stops_the_service_too(tmp_path: Path, number: int) -> None:
    output = tmp_path / "output"
    with output.open("w") as file:
        playground = subprocess.Popen(
            [*COMMAND, "--seconds", "200"],
            stdout=file,
            stderr=file,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
    url = _url(output)
    playground.send_signal(number)
    assert playground.wait(30) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    assert list(tmp_path.iterdir()) == [output]


def _url(output: Path) -> str:
    """Wait until the playground says where it plays."""
    deadline = time.monotonic() + 90
    while "recommendations (" not in output.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    return next(word for word in output.read_text().split() if word.startswith("http")).strip(";")
