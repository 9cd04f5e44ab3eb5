"""After an erasure no file holds the erased texts any more, if need be after several tries."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event

import pytest
from pysqlite3 import dbapi2 as sqlite

from coadapt.stores import _scrubbing
from coadapt.stores._engine import Database, open_database
from coadapt.stores._scrubbing import Scrubber

SECRET = "ann-🎉-secret"
WAIT_S = 30


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{file}")
    _run(database, "CREATE TABLE words (word TEXT)")
    _run(database, f"INSERT INTO words VALUES ('{SECRET}'), ('tea')")
    yield database
    database.engine.dispose()


@pytest.fixture
def unmarked() -> Event:
    return Event()


@pytest.fixture
def scrubber(
    database: Database, unmarked: Event, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scrubber]:
    monkeypatch.setattr(_scrubbing, "RETRY_S", 0.01)
    scrubber = Scrubber(database, lambda step: step(), unmarked.set)
    yield scrubber
    scrubber.close()


@pytest.fixture
def reader(file: Path, database: Database) -> Iterator[Callable[[], None]]:
    """Hold a read until the given function is called."""
    other = sqlite.connect(str(file), isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM words").fetchall()
    yield lambda: other.execute("COMMIT")
    other.close()


def _run(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql(statement)


def _holds(file: Path) -> bool:
    return any(SECRET.encode() in path.read_bytes() for path in file.parent.iterdir())


def scrub(scrubber: Scrubber, *ids: str) -> bool:
    tried: Future[bool] = Future()
    scrubber.add(ids, tried)
    return tried.result(WAIT_S)


def test_a_deleted_text_is_gone_from_every_file(
    database: Database, file: Path, scrubber: Scrubber
) -> None:
    _run(database, "DELETE FROM words WHERE word <> 'tea'")
    assert _holds(file)
    assert scrub(scrubber, SECRET)
    assert not _holds(file)


def test_a_text_that_is_live_rewrites_nothing(
    database: Database, file: Path, scrubber: Scrubber
) -> None:
    scrub(scrubber, "nobody")
    before = file.read_bytes()
    assert scrub(scrubber, SECRET)
    assert file.read_bytes() == before


def test_the_log_beside_the_file_is_emptied(file: Path, scrubber: Scrubber) -> None:
    scrub(scrubber, "nobody")
    assert sum(path.stat().st_size for path in file.parent.glob("*-wal")) == 0


def test_a_reader_who_holds_the_old_bytes_makes_it_wait(
    database: Database,
    file: Path,
    scrubber: Scrubber,
    reader: Callable[[], None],
    unmarked: Event,
) -> None:
    _run(database, "DELETE FROM words WHERE word <> 'tea'")
    assert not scrub(scrubber, SECRET)
    assert (scrubber.n_pending, unmarked.is_set()) == (1, False)
    reader()
    assert unmarked.wait(WAIT_S)
    assert scrubber.n_pending == 0
    assert not _holds(file)


def test_what_is_not_known_any_more_is_removed_all_the_same(
    database: Database, file: Path, scrubber: Scrubber
) -> None:
    _run(database, "DELETE FROM words WHERE word <> 'tea'")
    tried: Future[bool] = Future()
    scrubber.add(None, tried)
    assert tried.result(WAIT_S)
    assert not _holds(file)


def test_a_closed_scrubber_leaves_it_to_the_next_start(scrubber: Scrubber, unmarked: Event) -> None:
    scrubber.close()
    assert not scrub(scrubber, SECRET)
    assert not unmarked.is_set()


def test_a_database_in_memory_has_no_file_to_search() -> None:
    database = open_database("sqlite://")
    scrubber = Scrubber(database, lambda step: step(), lambda: None)
    assert scrub(scrubber, SECRET)
    scrubber.close()
    database.engine.dispose()
