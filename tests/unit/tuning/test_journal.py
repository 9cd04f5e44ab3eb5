"""What was appended is there after any crash, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coadapt.domain.errors import StoreError, StudyError
from coadapt.tuning.journal import NAME, StudyJournal


def lines_in(folder: Path) -> list[dict]:
    with StudyJournal(folder) as journal:
        return journal.lines


def test_lines_are_found_again(tmp_path: Path) -> None:
    with StudyJournal(tmp_path / "study") as journal:
        journal.append({"asked": 0})
        journal.append({"told": 0, "value": None})
    assert lines_in(tmp_path / "study") == [{"asked": 0}, {"told": 0, "value": None}]


@pytest.mark.parametrize("tail", [b"{", b'{"asked": 1}', b'{"asked": 1, "val'])
def test_a_line_that_a_crash_cut_off_is_dropped(tmp_path: Path, tail: bytes) -> None:
    (tmp_path / NAME).write_bytes(b'{"asked": 0}\n' + tail)
    with StudyJournal(tmp_path) as journal:
        journal.append({"asked": 2})
    assert lines_in(tmp_path) == [{"asked": 0}, {"asked": 2}]


@pytest.mark.parametrize("damage", [b"nothing\n", b"[1]\n", b"\xff\n"])
def test_a_damaged_line_is_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / NAME).write_bytes(b'{"asked": 0}\n' + damage + b'{"asked": 1}\n')
    with pytest.raises(StudyError, match=r"journal\.jsonl, line 2"):
        StudyJournal(tmp_path)


FULL_DISK = """
import resource, sys
from pathlib import Path
from coadapt.domain.errors import StoreError
from coadapt.tuning.journal import StudyJournal
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
try:
    with StudyJournal(Path(sys.argv[1])) as journal:
        journal.append({"asked": 0})
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
        journal.append({"asked": 1, "values": {}})
except StoreError as error:
    print(error.message)
"""


def test_a_full_disk_is_told_and_leaves_the_lines_before(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "journal.jsonl cannot be written: File too large" in ended.stdout
    assert (tmp_path / NAME).read_bytes() == b'{"asked": 0}\n'


def test_a_study_is_run_by_one_process_at_a_time(tmp_path: Path) -> None:
    with StudyJournal(tmp_path), pytest.raises(StudyError, match="in use"):
        StudyJournal(tmp_path)


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        StudyJournal(tmp_path / "file")
