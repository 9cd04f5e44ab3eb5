"""A log is read beside the service that writes it, and nothing in it changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pysqlite3 import dbapi2 as pysqlite

from coadapt.domain.errors import StoreError
from coadapt.stores.reader import LogReader
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import append, make_event, read_ids


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def store(url: str) -> Iterator[SqlEventStore]:
    store = SqlEventStore(url)
    append(store, make_event("a"), make_event("b", project="other"), make_event("c"))
    yield store
    store.close()


def set_mark(file: Path) -> None:
    with pysqlite.connect(str(file)) as connection:
        connection.execute("PRAGMA user_version=1")
    connection.close()


def test_what_a_service_writes_is_read_beside_it(store: SqlEventStore, url: str) -> None:
    reader = LogReader(url)
    append(store, make_event("d"), make_event("e"))
    assert read_ids(reader, project="default", after=1, until=4, batch_size=1) == ["c", "d"]
    reader.close()


def test_a_reader_cannot_write(store: SqlEventStore, url: str) -> None:
    reader = LogReader(url)
    with pytest.raises(StoreError), reader._database.reading() as connection:
        connection.execute(sa.text("DELETE FROM events"))
    reader.close()
    assert read_ids(store) == ["a", "b", "c"]


def test_a_reader_leaves_the_mark_of_bytes_that_wait(store: SqlEventStore, file: Path) -> None:
    store.close()
    set_mark(file)
    reader = LogReader(f"sqlite:///{file}")
    assert read_ids(reader) == ["a", "b", "c"]
    reader.close()
    with pysqlite.connect(str(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def test_tables_of_another_version_are_refused_as_they_are(
    store: SqlEventStore, file: Path
) -> None:
    store.close()
    with pysqlite.connect(str(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreError, match="another version"):
        LogReader(f"sqlite:///{file}")
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)
    connection.close()


def test_a_database_without_a_log_stays_without(file: Path) -> None:
    with pytest.raises(StoreError, match="no event log"):
        LogReader(f"sqlite:///{file}")
    with pysqlite.connect(str(file)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
