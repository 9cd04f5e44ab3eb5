from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RunError,
    StoreError,
)
from coadapt.domain.manifests import Manifest
from coadapt.stores.base import AliasChange
from coadapt.stores.files import FileRunStore

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAID: Mapping[str, Any] = {
    "kind": "recommender",
    "name": "ease",
    "package_version": "0.1",
    "created_at": "2026-11-22T00:00:00Z",
    "seed": 1,
    "dataset_fingerprint": "f",
    "n_items": 3,
}
FILES = {"weights.safetensors": b"weights", "run.toml": b"seed = 1"}


@pytest.fixture
def store(tmp_path: Path) -> FileRunStore:
    return FileRunStore(tmp_path, now=lambda: NOON)


@pytest.fixture
def run(store: FileRunStore) -> Manifest:
    return store.add("run-1", FILES, SAID)


def test_a_run_comes_back_as_it_was_added(store: FileRunStore, run: Manifest) -> None:
    files = store.open("run-1")
    assert {name: path.read_bytes() for name, path in files.items()} == FILES
    assert store.manifest("run-1") == run


def test_a_run_is_never_replaced(store: FileRunStore, run: Manifest) -> None:
    with pytest.raises(ConflictError, match="never change"):
        store.add("run-1", FILES, SAID)


def test_runs_are_listed_newest_first(store: FileRunStore, run: Manifest) -> None:
    store.add("a-run", FILES, {**SAID, "created_at": "2026-11-23T00:00:00Z"})
    assert [found.run_id for found in store.runs()] == ["a-run", "run-1"]


def test_a_half_written_run_is_not_seen_and_not_in_the_way(
    store: FileRunStore, tmp_path: Path, run: Manifest
) -> None:
    (tmp_path / "runs" / "run-1").rename(tmp_path / "runs" / "run-2.partial")
    assert store.runs() == []
    assert store.add("run-2", FILES, SAID).run_id == "run-2"
    assert [found.run_id for found in store.runs()] == ["run-2"]


def test_a_changed_file_is_named(store: FileRunStore, tmp_path: Path, run: Manifest) -> None:
    (tmp_path / "runs/run-1/weights.safetensors").write_bytes(b"weightz")
    with pytest.raises(RunError, match=r"run-1: weights.safetensors has changed; restore"):
        store.open("run-1")


def test_a_missing_file_is_named(store: FileRunStore, tmp_path: Path, run: Manifest) -> None:
    (tmp_path / "runs/run-1/run.toml").unlink()
    with pytest.raises(RunError, match=r"run.toml is missing"):
        store.open("run-1")


def test_a_foreign_file_is_named(store: FileRunStore, tmp_path: Path, run: Manifest) -> None:
    (tmp_path / "runs/run-1/extra.pkl").write_bytes(b"")
    with pytest.raises(RunError, match=r"extra.pkl is not in manifest.json"):
        store.open("run-1")


def test_a_link_is_refused(store: FileRunStore, tmp_path: Path, run: Manifest) -> None:
    file = tmp_path / "runs/run-1/run.toml"
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match=r"run.toml is not a plain file"):
        store.open("run-1")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 99}', '{"format": 1}', "\ud800"])
def test_a_foreign_manifest_is_refused_and_not_listed(
    store: FileRunStore, tmp_path: Path, run: Manifest, text: str
) -> None:
    path = tmp_path / "runs/run-1/manifest.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(RunError, match=r"run-1: manifest.json"):
        store.open("run-1")
    assert store.runs() == []


def test_a_manifest_of_another_run_is_refused(
    store: FileRunStore, tmp_path: Path, run: Manifest
) -> None:
    (tmp_path / "runs/run-1").rename(tmp_path / "runs/run-2")
    with pytest.raises(RunError, match="another run's"):
        store.manifest("run-2")


@pytest.mark.parametrize("run_id", ["", "..", "../run-1", "a/b", "run-1.partial", "x" * 200, "é"])
def test_an_id_that_is_no_run_id_never_touches_a_path(store: FileRunStore, run_id: str) -> None:
    with pytest.raises(InvalidInputError):
        store.open(run_id)


def test_an_unknown_run_is_not_found(store: FileRunStore) -> None:
    with pytest.raises(NotFoundError):
        store.manifest("nothing")


@pytest.mark.parametrize("name", ["../x", "manifest.json", "a/b", ""])
def test_a_file_name_that_leaves_the_run_is_refused(store: FileRunStore, name: str) -> None:
    with pytest.raises(RunError, match="plain"):
        store.add("run-1", {name: b""}, SAID)


def test_a_manifest_with_an_odd_field_is_refused(store: FileRunStore) -> None:
    with pytest.raises(RunError, match="colour"):
        store.add("run-1", FILES, {**SAID, "colour": "red"})


def test_a_later_result_stands_beside_the_run(store: FileRunStore, run: Manifest) -> None:
    first, second = store.record("run-1", {"ndcg": 0.1}), store.record("run-1", {"ndcg": 0.2})
    assert first.parent.parts[-2:] == ("evaluations", "run-1")
    assert first != second
    assert b"0.1" in first.read_bytes()


def test_pipelines_count_up_and_stay(store: FileRunStore) -> None:
    assert store.add_pipeline("shop", {"policy": "greedy"}) == "shop@1"
    assert store.add_pipeline("shop", {"policy": "random"}) == "shop@2"
    assert store.pipeline("shop@1") == {"policy": "greedy"}
    assert store.pipeline("shop") == {"policy": "random"}
    assert store.pipelines() == ["shop@1", "shop@2"]


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "☕", "a%2Fb"])
def test_any_name_makes_a_file_inside_the_folder(
    store: FileRunStore, tmp_path: Path, name: str
) -> None:
    reference = store.add_pipeline(name, {"a": 1})
    store.set_alias(name, reference, name)
    assert store.pipeline(reference) == {"a": 1}
    assert store.alias(name, name) == reference
    assert {path.name for path in tmp_path.iterdir()} == {"pipelines", "aliases"}


@pytest.mark.parametrize("reference", ["shop@9", "shop@x", "nothing", "shop@²", "@", ""])
def test_an_unknown_pipeline_is_not_found(store: FileRunStore, reference: str) -> None:
    store.add_pipeline("shop", {})
    with pytest.raises(NotFoundError):
        store.pipeline(reference)


def test_a_broken_pipeline_file_is_named(store: FileRunStore, tmp_path: Path) -> None:
    store.add_pipeline("shop", {})
    (tmp_path / "pipelines/shop@1.toml").write_text("= broken")
    with pytest.raises(RunError, match=r"shop@1.toml"):
        store.pipeline("shop")


@pytest.mark.parametrize("pipeline", [{"a": None}, {"a": object()}])
def test_what_is_no_toml_is_no_pipeline(store: FileRunStore, pipeline: dict) -> None:
    with pytest.raises(InvalidInputError):
        store.add_pipeline("shop", pipeline)


@pytest.mark.parametrize("name", ["", "a@1", "x" * 400, "\ud800"])
def test_a_name_that_cannot_be_read_back_is_no_pipelines(store: FileRunStore, name: str) -> None:
    with pytest.raises(InvalidInputError, match="name"):
        store.add_pipeline(name, {})


def test_long_projects_are_told_apart(store: FileRunStore) -> None:
    store.set_alias("x" * 400, store.add_pipeline("shop", {}))
    assert store.alias("x" * 400) == "shop@1"
    assert store.alias("x" * 401) is None


def test_every_project_with_an_alias_is_named(store: FileRunStore, tmp_path: Path) -> None:
    assert store.projects() == []
    names = ["..", "a/b", "shop", "x" * 400, "名" * 100]
    reference = store.add_pipeline("shop", {})
    for name in reversed(names):
        store.set_alias(name, reference)
    (tmp_path / "aliases/shop/champion.json").write_text("{")
    assert store.projects() == names


def test_an_alias_moves_and_keeps_its_past(store: FileRunStore) -> None:
    assert store.alias("default") is None
    references = [store.add_pipeline("shop", {}), store.add_pipeline("shop", {})]
    store.set_alias("default", references[0])
    store.set_alias("default", references[1])
    assert store.alias("default") == "shop@2"
    assert store.alias("other") is None
    noon = "2026-11-22T12:00:00.000+00:00"
    assert store.alias_history("default") == [
        AliasChange(noon, "shop@1"),
        AliasChange(noon, "shop@2"),
    ]


def test_an_alias_points_only_at_what_exists(store: FileRunStore) -> None:
    with pytest.raises(NotFoundError):
        store.set_alias("default", "nothing@1")


def test_a_broken_alias_file_is_an_error_and_not_no_alias(
    store: FileRunStore, tmp_path: Path
) -> None:
    store.set_alias("default", store.add_pipeline("shop", {}))
    (tmp_path / "aliases/default/champion.json").write_text("{")
    with pytest.raises(RunError, match="alias"):
        store.alias("default")


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="run-1 could not be written"):
        FileRunStore(tmp_path / "file").add("run-1", FILES, SAID)
