"""A manifest says exactly what a run is, and its hashes hold every file to it."""

import json
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import RunError
from coadapt.domain.manifests import RUN_FORMAT
from coadapt.stores._manifests import MANIFEST, checked_files, manifest_of, read_manifest

SAID: dict[str, Any] = {
    "kind": "recommender",
    "name": "ease",
    "package_version": "0.1",
    "created_at": "2026-11-22T00:00:00Z",
    "seed": 1,
    "dataset_fingerprint": "f",
    "n_items": 3,
}
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a run of one file, on disk."""
    folder = tmp_path / "run-1"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"abc")
    _say(folder)
    return folder


def _say(folder: Path, **changes: Any) -> None:
    content = {**SAID, "run_id": "run-1", "files": {"a.txt": ABC}, "format": RUN_FORMAT, **changes}
    (folder / MANIFEST).write_text(json.dumps(content))


def test_files_are_known_by_their_sha_256() -> None:
    assert manifest_of("run-1", {"a.txt": b"abc"}, SAID).files == {"a.txt": ABC}


def test_what_is_not_said_has_its_default() -> None:
    manifest = manifest_of("run-1", {}, SAID)
    assert (manifest.commit, manifest.parent, manifest.metrics) == (None, None, {})
    assert manifest.format == RUN_FORMAT


def test_what_is_said_cannot_name_another_run() -> None:
    assert manifest_of("run-1", {}, {**SAID, "run_id": "run-2"}).run_id == "run-1"


@pytest.mark.parametrize("missing", sorted(SAID))
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    said = {name: value for name, value in SAID.items() if name != missing}
    with pytest.raises(RunError, match=f"missing fields: {missing}"):
        manifest_of("run-1", {}, said)


@pytest.mark.parametrize("changes", [{"seed": "one"}, {"metrics": {"ndcg": "high"}}, {"name": 3}])
def test_a_field_of_another_type_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="a field of a wrong type"):
        manifest_of("run-1", {}, SAID | changes)


@pytest.mark.parametrize("name", [".hidden", "a b", "é", "x" * 129, "..", "a\\b"])
def test_a_file_name_that_is_not_plain_is_refused(name: str) -> None:
    with pytest.raises(RunError, match="must be plain"):
        manifest_of("run-1", {name: b""}, SAID)


def test_a_written_manifest_reads_back(folder: Path) -> None:
    assert read_manifest(folder) == manifest_of("run-1", {"a.txt": b"abc"}, SAID)


@pytest.mark.parametrize("changes", [{"format": 2}, {"format": None}, {"format": "1"}])
def test_another_format_asks_to_train_again(folder: Path, changes: dict[str, Any]) -> None:
    _say(folder, **changes)
    with pytest.raises(RunError, match=r"not of format 1; train again"):
        read_manifest(folder)


def test_whole_files_are_returned_by_name(folder: Path) -> None:
    assert checked_files(folder, read_manifest(folder)) == {"a.txt": folder / "a.txt"}


@pytest.mark.parametrize("content", [b"abd", b"", b"abc\n"])
def test_any_other_byte_is_told(folder: Path, content: bytes) -> None:
    (folder / "a.txt").write_bytes(content)
    with pytest.raises(RunError, match=r"a\.txt has changed"):
        checked_files(folder, read_manifest(folder))


def test_a_file_larger_than_a_piece_is_hashed_whole(tmp_path: Path) -> None:
    content = b"x" * ((1 << 20) + 1)
    (tmp_path / "weights").write_bytes(content)
    manifest = manifest_of(tmp_path.name, {"weights": content}, SAID)
    assert list(checked_files(tmp_path, manifest)) == ["weights"]


def test_a_folder_in_a_files_place_is_refused(folder: Path) -> None:
    (folder / "a.txt").unlink()
    (folder / "a.txt").mkdir()
    with pytest.raises(RunError, match=r"a\.txt is not a plain file"):
        checked_files(folder, read_manifest(folder))


def test_a_run_that_is_a_link_is_refused(folder: Path) -> None:
    link = folder.with_name("link")
    link.symlink_to(folder)
    with pytest.raises(RunError, match="run link is a link"):
        checked_files(link, read_manifest(folder))
