"""A pipeline is a small file; its versions count up and never change."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.domain.errors import InvalidInputError, NotFoundError, RunError, StoreError
from coadapt.stores._pipelines import PipelineFiles

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="@"), min_size=1)


@pytest.fixture
def pipelines(tmp_path: Path) -> PipelineFiles:
    return PipelineFiles(tmp_path)


@given(name=NAMES.filter(lambda name: len(name.encode()) <= 50))
def test_any_short_name_reads_back(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    pipelines = PipelineFiles(tmp_path_factory.mktemp("pipelines"))
    reference = pipelines.add(name, {"name": name})
    assert reference == f"{name}@1"
    assert pipelines.read(reference) == {"name": name}
    assert pipelines.references() == [reference]


def test_what_toml_can_say_comes_back_as_it_was(pipelines: PipelineFiles) -> None:
    said = {"a": [1, 2.5, "🎉"], "b": {"c": True, "d": ""}, "e": []}
    assert pipelines.read(pipelines.add("shop", said)) == said


def test_names_that_begin_alike_count_apart(pipelines: PipelineFiles) -> None:
    added = [pipelines.add(name, {}) for name in ("shop", "shop-2", "shop")]
    assert added == ["shop@1", "shop-2@1", "shop@2"]


def test_after_the_ninth_version_comes_the_tenth(pipelines: PipelineFiles) -> None:
    added = [pipelines.add("shop", {"n": n}) for n in range(11)]
    assert added[-2:] == ["shop@10", "shop@11"]
    assert pipelines.read("shop") == {"n": 10}


def test_two_who_add_at_once_get_versions_of_their_own(pipelines: PipelineFiles) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda n: (n, pipelines.add("shop", {"n": n})), range(24)))
    assert sorted(reference for _, reference in added) == sorted(f"shop@{n}" for n in range(1, 25))
    assert all(pipelines.read(reference) == {"n": n} for n, reference in added)


def test_references_are_listed_as_they_were_added(pipelines: PipelineFiles, tmp_path: Path) -> None:
    pipelines.add("zebra", {})
    pipelines.add("ant", {})
    os.utime(tmp_path / "pipelines" / "zebra@1.toml", ns=(1, 1))
    os.utime(tmp_path / "pipelines" / "ant@1.toml", ns=(2, 2))
    assert pipelines.references() == ["zebra@1", "ant@1"]


def test_an_empty_folder_has_no_pipelines(pipelines: PipelineFiles) -> None:
    assert pipelines.references() == []
    with pytest.raises(NotFoundError, match="no such pipeline"):
        pipelines.read("shop")


@pytest.mark.parametrize(
    "reference", ["shop@0", "shop@-1", "shop@1 ", "shop@1@1", "shop@9999999999"]
)
def test_what_is_no_version_is_not_found(pipelines: PipelineFiles, reference: str) -> None:
    pipelines.add("shop", {})
    with pytest.raises(NotFoundError):
        pipelines.read(reference)


def test_a_file_that_is_not_text_is_named(pipelines: PipelineFiles, tmp_path: Path) -> None:
    pipelines.add("shop", {})
    (tmp_path / "pipelines" / "shop@1.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match=r"shop@1\.toml is not readable TOML"):
        pipelines.read("shop@1")


def test_a_foreign_file_does_not_hinder(pipelines: PipelineFiles, tmp_path: Path) -> None:
    pipelines.add("shop", {})
    (tmp_path / "pipelines" / "shop@x.toml").write_text("")
    assert pipelines.add("shop", {}) == "shop@2"


def test_a_pipeline_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    (tmp_path / "pipelines").write_text("a file stands in the way")
    with pytest.raises(StoreError, match="the pipeline could not be written"):
        PipelineFiles(tmp_path).add("shop", {})


def test_a_name_with_an_at_is_refused_by_field(pipelines: PipelineFiles) -> None:
    with pytest.raises(InvalidInputError) as caught:
        pipelines.add("a@b", {})
    assert caught.value.field == "name"
