"""Of two servers that have the same log, the one that came first is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coadapt.domain.errors import StoreLostError
from coadapt.stores._engine import open_database
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.stores import append, make_event, read_ids


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'log.db'}"


@pytest.fixture
def first(url: str) -> Iterator[SqlEventStore]:
    store = SqlEventStore(url)
    store.claim()
    yield store
    store.close()


@pytest.fixture
def second(first: SqlEventStore, url: str) -> Iterator[SqlEventStore]:
    store = SqlEventStore(url)
    yield store
    store.close()


def test_who_claimed_last_writes(first: SqlEventStore, second: SqlEventStore) -> None:
    append(first, make_event("a"))
    second.claim()
    with pytest.raises(StoreLostError):
        append(first, make_event("b"))
    append(second, make_event("c"))
    assert read_ids(second) == ["a", "c"]


def test_who_lost_the_log_learns_it_without_writing(
    first: SqlEventStore, second: SqlEventStore
) -> None:
    first.check()
    second.claim()
    assert first.fault is None
    with pytest.raises(StoreLostError):
        first.check()
    assert isinstance(first.fault, StoreLostError)


def test_who_claims_nothing_may_write(first: SqlEventStore, second: SqlEventStore) -> None:
    append(second, make_event("a"))
    second.check()
    append(first, make_event("b"))
    assert read_ids(first) == ["a", "b"]


def test_a_log_of_the_first_form_is_brought_up(url: str, first: SqlEventStore) -> None:
    append(first, make_event("a"))
    first.close()
    _take_back(url)
    again = SqlEventStore(url)
    again.claim()
    append(again, make_event("b"))
    assert read_ids(again) == ["a", "b"]
    again.close()


def _take_back(url: str) -> None:
    """Bring a log to the form that it had before there were claims."""
    database = open_database(url)
    with database.engine.connect() as connection:
        for step in (
            "ALTER TABLE log_head DROP COLUMN n_claims",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            connection.exec_driver_sql(step)
        connection.commit()
    database.engine.dispose()
