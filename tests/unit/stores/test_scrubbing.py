"""After an erasure no file holds the erased texts any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from coadapt.domain.errors import StoreError
from coadapt.stores import _scrubbing
from coadapt.stores._engine import Database, open_database
from coadapt.stores._scrubbing import scrubber

SECRET = "ann-🎉-secret"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{file}")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql("CREATE TABLE words (word TEXT)")
        connection.exec_driver_sql(f"INSERT INTO words VALUES ('{SECRET}'), ('tea')")
    yield database
    database.engine.dispose()


def _run(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql(statement)


def _holds(file: Path) -> bool:
    return any(SECRET.encode() in path.read_bytes() for path in file.parent.iterdir())


def test_a_deleted_text_is_gone_from_every_file(database: Database, file: Path) -> None:
    _run(database, "DELETE FROM words WHERE word <> 'tea'")
    assert _holds(file)
    scrubber(database, [SECRET])()
    assert not _holds(file)


def test_what_was_not_deleted_stays(database: Database) -> None:
    scrubber(database, [SECRET, "tea"])()
    with database.engine.connect() as connection:
        words = connection.scalars(sa.text("SELECT word FROM words")).all()
    assert words == [SECRET, "tea"]


def test_a_text_across_the_border_of_two_pieces_is_found(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_scrubbing, "_CHUNK_BYTES", 7)
    _run(database, "DELETE FROM words WHERE word <> 'tea'")
    scrubber(database, [SECRET])()
    assert not _holds(file)


def test_the_log_beside_the_file_is_emptied(database: Database, file: Path) -> None:
    scrubber(database, ["nothing"])()
    assert file.with_name("log.db-wal").stat().st_size == 0


def test_nothing_to_remove_rewrites_nothing(database: Database, file: Path) -> None:
    scrubber(database, [])()
    before = file.read_bytes()
    scrubber(database, ["nothing"])()
    assert file.read_bytes() == before


def test_a_reader_who_holds_the_old_bytes_is_told(database: Database) -> None:
    with database.engine.connect() as reader, database.engine.connect() as scrubbing:
        scrubbing.exec_driver_sql("PRAGMA busy_timeout=0")
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM words").all()
        _run(database, "DELETE FROM words")
        with pytest.raises(StoreError, match="a long read keeps the old bytes"):
            _scrubbing._truncate_log(scrubbing)


def test_a_database_in_memory_has_no_file_to_search() -> None:
    database = open_database("sqlite://")
    scrubber(database, [SECRET])()
    assert database.file is None
    database.engine.dispose()
