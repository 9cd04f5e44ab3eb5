"""A snapshot is whole or not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coadapt.stores.snapshots import Snapshot, SnapshotFolder

ARRAYS = {"state.sums": np.array([[1.0, np.nan]]), "roster.newest": np.array([7])}
SNAPSHOT = Snapshot("run-1", 9, ARRAYS, {"items": ["tea", "名/1"]}, log="log-1")


@pytest.fixture
def folder(tmp_path: Path) -> SnapshotFolder:
    return SnapshotFolder(tmp_path)


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_was_written_is_read(folder: SnapshotFolder) -> None:
    folder.write("a/b", SNAPSHOT)
    found = folder.read("a/b")
    assert found is not None
    assert (found.run_id, found.position, found.names) == ("run-1", 9, SNAPSHOT.names)
    assert found.log == "log-1"
    np.testing.assert_array_equal(found.arrays["state.sums"], ARRAYS["state.sums"])


def test_a_newer_one_takes_its_place(folder: SnapshotFolder, tmp_path: Path) -> None:
    folder.write("shop", SNAPSHOT)
    folder.write("shop", Snapshot("run-1", 12, {"state.sums": np.zeros(3)}))
    found = folder.read("shop")
    assert found is not None
    assert (found.position, len(files(tmp_path))) == (12, 2)


def test_projects_do_not_share(folder: SnapshotFolder) -> None:
    folder.write("shop", SNAPSHOT)
    assert folder.read("other") is None


def test_a_dropped_one_leaves_no_file(folder: SnapshotFolder, tmp_path: Path) -> None:
    folder.write("shop", SNAPSHOT)
    folder.drop("shop")
    folder.drop("never")
    assert (folder.read("shop"), files(tmp_path)) == (None, [])


def test_only_those_of_a_log_are_kept(folder: SnapshotFolder, tmp_path: Path) -> None:
    folder.keep_only(lambda *_: True)
    for project, log in (("shop", "log-1"), ("other", "log-2"), ("broken", "log-1")):
        folder.write(project, replace(SNAPSHOT, log=log))
    (tmp_path / "broken" / "snapshot.json").write_text("{}")
    folder.keep_only(lambda position, log: (position, log) == (9, "log-1"))
    assert folder.read("shop") is not None
    assert {path.parent.name for path in files(tmp_path)} == {"shop"}


@pytest.mark.parametrize("name", ["snapshot.json", "*.safetensors"])
def test_a_damaged_one_is_no_snapshot(folder: SnapshotFolder, tmp_path: Path, name: str) -> None:
    folder.write("shop", SNAPSHOT)
    path = next(tmp_path.rglob(name))
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    assert folder.read("shop") is None


def test_a_file_outside_the_folder_is_not_read(folder: SnapshotFolder, tmp_path: Path) -> None:
    folder.write("shop", SNAPSHOT)
    said = next(tmp_path.rglob("snapshot.json"))
    said.write_text(json.dumps(json.loads(said.read_text()) | {"file": "../x.safetensors"}))
    assert folder.read("shop") is None
