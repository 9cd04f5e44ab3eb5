"""An alias file tells what serves now and what served before."""

import errno
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coadapt.domain.errors import RunError, StoreFullError
from coadapt.stores._aliases import AliasFile
from coadapt.stores.base import AliasChange


def test_an_alias_that_was_never_pointed_has_no_past(tmp_path: Path) -> None:
    assert AliasFile(tmp_path, "default", "champion").history() == []


def test_reading_makes_no_file(tmp_path: Path) -> None:
    AliasFile(tmp_path, "default", "champion").history()
    assert list(tmp_path.iterdir()) == []


def test_another_reader_sees_a_change_at_once(tmp_path: Path) -> None:
    AliasFile(tmp_path, "default", "champion").point(AliasChange("noon", "shop@1"))
    assert AliasFile(tmp_path, "default", "champion").history() == [AliasChange("noon", "shop@1")]


def test_going_back_is_one_more_change(tmp_path: Path) -> None:
    alias = AliasFile(tmp_path, "default", "champion")
    alias.point(AliasChange("9:00", "shop@1"))
    alias.point(AliasChange("10:00", "shop@2"))
    alias.point(AliasChange("11:00", "shop@1", is_rollback=True))
    assert alias.history() == [
        AliasChange("9:00", "shop@1"),
        AliasChange("10:00", "shop@2"),
        AliasChange("11:00", "shop@1", is_rollback=True),
    ]


def test_names_of_one_project_are_apart(tmp_path: Path) -> None:
    AliasFile(tmp_path, "default", "champion").point(AliasChange("noon", "shop@1"))
    assert AliasFile(tmp_path, "default", "challenger").history() == []


@given(names=st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_projects_of_different_names_never_share_an_alias(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    root = tmp_path_factory.mktemp("aliases")
    AliasFile(root, names[0], "champion").point(AliasChange("noon", "shop@1"))
    assert AliasFile(root, names[1], "champion").history() == []


def test_a_file_that_does_not_tell_of_going_back_has_no_such_change(tmp_path: Path) -> None:
    file = tmp_path / "aliases" / "default" / "champion.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"history": [{"time": "noon", "pipeline": "shop@1"}]}')
    (change,) = AliasFile(tmp_path, "default", "champion").history()
    assert change == AliasChange("noon", "shop@1", is_rollback=False)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"history": 3}', '{"history": [{}]}', '{"history": ["shop@1"]}', "null"]
)
def test_a_file_of_another_form_is_an_error_that_names_it(tmp_path: Path, content: str) -> None:
    alias = AliasFile(tmp_path, "default", "champion")
    alias.point(AliasChange("noon", "shop@1"))
    (tmp_path / "aliases" / "default" / "champion.json").write_text(content)
    with pytest.raises(RunError, match=r"champion\.json"):
        alias.history()


def test_a_broken_file_is_not_written_over(tmp_path: Path) -> None:
    alias = AliasFile(tmp_path, "default", "champion")
    alias.point(AliasChange("noon", "shop@1"))
    file = tmp_path / "aliases" / "default" / "champion.json"
    file.write_text("{broken")
    with pytest.raises(RunError):
        alias.point(AliasChange("one", "shop@2"))
    assert file.read_text() == "{broken"


def test_a_file_that_cannot_be_read_is_an_error_and_not_no_alias(tmp_path: Path) -> None:
    (tmp_path / "aliases" / "default" / "champion.json").mkdir(parents=True)
    with pytest.raises(RunError, match=r"champion\.json"):
        AliasFile(tmp_path, "default", "champion").history()


def test_a_change_that_finds_the_disk_full_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alias = AliasFile(tmp_path, "default", "champion")
    alias.point(AliasChange("noon", "shop@1"))
    full = Mock(side_effect=OSError(errno.ENOSPC, "full"))
    monkeypatch.setattr("coadapt.stores._durable.os.fsync", full)
    with pytest.raises(StoreFullError, match="the alias was not written"):
        alias.point(AliasChange("one", "shop@2"))
    assert alias.history() == [AliasChange("noon", "shop@1")]
