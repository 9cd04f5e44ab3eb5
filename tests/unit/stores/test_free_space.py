"""What was deleted stands in the free space of a file; what is live does not."""

import sqlite3
from pathlib import Path

import pytest

from coadapt.stores._free_space import free_parts

N_ROWS = 2_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "words.db"


def _write(file: Path, *statements: str, page_bytes: int = 4096) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(f"PRAGMA page_size={page_bytes}")
    connection.execute("PRAGMA secure_delete=OFF")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def _fill() -> str:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{N_ROWS})"
    return f"INSERT INTO words {numbers} SELECT i, 'word-' || i || '.' FROM n"


def _free(file: Path) -> bytes:
    return b"|".join(free_parts(file))


TABLE = "CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT)"


@pytest.mark.parametrize("page_bytes", [512, 4096, 65_536])
def test_what_is_live_is_not_free(file: Path, page_bytes: int) -> None:
    _write(file, "PRAGMA secure_delete=ON", TABLE, _fill(), page_bytes=page_bytes)
    assert b"word-1000." in file.read_bytes()
    assert b"word-" not in _free(file)


def test_one_deleted_row_is_found_and_its_neighbour_is_not(file: Path) -> None:
    _write(file, TABLE, _fill(), "DELETE FROM words WHERE number = 1000")
    assert b"word-1000." in _free(file)
    assert b"word-1001." not in _free(file)


def test_pages_no_longer_used_are_free(file: Path) -> None:
    _write(file, TABLE, _fill(), "DELETE FROM words")
    assert _free(file).count(b"word-") > N_ROWS // 2


def test_a_file_without_a_page_has_no_free_space(file: Path) -> None:
    file.write_bytes(b"")
    assert list(free_parts(file)) == []
