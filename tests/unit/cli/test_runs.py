"""`coadapt runs` lists what was trained and shows the card of one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from coadapt.domain.errors import NotFoundError
from coadapt.stores.files import FileRunStore


def test_every_run_is_listed_with_its_method(trained, runs: Path, call) -> None:
    lines = call("runs", "--runs", runs).stdout.splitlines()
    rows = {
        line.split("│")[1].strip(): line.split("│")[2].strip() for line in lines if "│ 20" in line
    }
    assert {rows[run]: run for run in rows}.items() >= trained.items()


def test_json_holds_the_manifests(trained, runs: Path, call_json) -> None:
    assert call_json("runs", "--runs", runs) == [asdict(run) for run in FileRunStore(runs).runs()]


def test_a_runs_card_is_printed(trained, runs: Path, call) -> None:
    printed = call("runs", "latest:popularity", "--runs", runs).stdout
    assert printed.startswith(f"# {trained['popularity']}\n")
    assert "## Limits" in printed


def test_an_empty_folder_says_how_to_make_a_run(call, tmp_path) -> None:
    result = call("runs", "--runs", tmp_path)
    assert "coadapt train configs/" in result.stdout
    assert result.exit_code == 0


def test_an_empty_folder_is_an_empty_list_in_json(call_json, tmp_path) -> None:
    assert call_json("runs", "--runs", tmp_path) == []


def test_a_card_of_no_run_is_not_found(call, tmp_path) -> None:
    assert isinstance(call("runs", "latest", "--runs", tmp_path).exception, NotFoundError)


def test_listing_makes_no_folder(call, tmp_path) -> None:
    call("runs", "--runs", tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_one_run_can_be_told_as_json(trained, runs: Path, call_json) -> None:
    told = call_json("runs", trained["popularity"], "--runs", runs)
    assert (told["run_id"], told["name"]) == (trained["popularity"], "popularity")
