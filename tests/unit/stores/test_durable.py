"""After a crash a file is whole or not there, and nobody ever sees a part of one."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from coadapt.domain.errors import StoreError, StoreFullError
from coadapt.stores import _durable
from coadapt.stores._durable import (
    create_file,
    named_errors,
    replace_file,
    sync_folder,
    write_synced,
)


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_new_file_holds_what_was_written(tmp_path: Path) -> None:
    write_synced(tmp_path / "a", b"\0whole")
    assert (tmp_path / "a").read_bytes() == b"\0whole"


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    write_synced(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        write_synced(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"


def test_what_is_written_is_synced_before_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: sizes.append(os.fstat(file).st_size))
    write_synced(tmp_path / "a", b"12345")
    assert sizes == [5]


def test_a_folder_can_be_synced_and_one_that_is_not_there_cannot(tmp_path: Path) -> None:
    sync_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "nothing")


def test_a_file_is_replaced_whole_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", b"a long first content")
    replace_file(tmp_path / "a", b"short")
    assert (tmp_path / "a").read_bytes() == b"short"
    assert _names(tmp_path) == ["a"]


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    replace_file(tmp_path / "x" / "y" / "a", b"1")
    assert create_file(tmp_path / "z" / "b", b"2")
    assert _names(tmp_path) == ["x", "z"]


def test_a_replacement_that_fails_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_file(tmp_path / "a", b"old")

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(_durable.os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        replace_file(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert _names(tmp_path) == ["a"]


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    assert create_file(tmp_path / "a", b"first")
    assert not create_file(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert _names(tmp_path) == ["a"]


def test_of_many_who_create_one_file_one_wins_and_its_content_stays(tmp_path: Path) -> None:
    contents = [f"{n}".encode() * 1_000 for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda content: create_file(tmp_path / "a", content), contents))
    assert sum(won) == 1
    assert (tmp_path / "a").read_bytes() == contents[won.index(True)]
    assert _names(tmp_path) == ["a"]


def test_a_reader_never_sees_a_part_of_a_file(tmp_path: Path) -> None:
    file, contents = tmp_path / "a", [b"x" * 50_000, b"y" * 90_000]
    replace_file(file, contents[0])
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: [replace_file(file, contents[n % 2]) for n in range(40)])
        seen = {file.read_bytes() for _ in range(200)}
        writing.result()
    assert seen <= set(contents)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_has_an_error_of_its_own(number: int) -> None:
    with (
        pytest.raises(StoreFullError, match="the disk is full: the list"),
        named_errors("the list"),
    ):
        raise OSError(number, "no space left")


def test_other_errors_of_the_system_name_what_was_written() -> None:
    named = pytest.raises(StoreError, match="the list could not be written: denied")
    with named as caught, named_errors("the list"):
        raise PermissionError(errno.EACCES, "denied")
    assert not isinstance(caught.value, StoreFullError)


def test_errors_that_are_not_the_systems_pass() -> None:
    with pytest.raises(KeyError), named_errors("the list"):
        raise KeyError("mine")
