"""Every event store keeps the contract."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from coadapt.domain.errors import ConflictError, StoreError, StoreLostError
from coadapt.stores.base import EventStore
from coadapt.stores.exclusive import exclusive
from coadapt.stores.open import open_event_store
from coadapt.stores.reader import LogReader
from coadapt.testing.stores import EventStoreContract, append, erase, make_event, read_ids

POSTGRES_URL = os.environ.get("COADAPT_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


@pytest.fixture(scope="module")
def server() -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(POSTGRES_URL, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL server answers; COADAPT_TEST_POSTGRES names one by URL")
    with connection:
        yield connection


@pytest.fixture
def schema(server: psycopg.Connection) -> Iterator[str]:
    name = f"coadapt_test_{uuid.uuid4().hex[:12]}"
    server.execute(f"CREATE SCHEMA {name}")
    yield name
    server.execute(f"DROP SCHEMA {name} CASCADE")


class TestSqliteInMemory(EventStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[EventStore]:
        store = open_event_store("sqlite://")
        yield store
        store.close()


class TestSqliteFile(EventStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[EventStore]:
        store = open_event_store(f"sqlite:///{tmp_path}/events.db")
        yield store
        store.close()


class TestPostgresql(EventStoreContract):
    @pytest.fixture
    def store(self, schema: str) -> Iterator[EventStore]:
        store = open_event_store(f"{POSTGRES_URL}?options=-csearch_path%3D{schema}")
        yield store
        store.close()


class TestOneServer:
    @pytest.fixture
    def url(self, schema: str) -> str:
        return f"{POSTGRES_URL}?options=-csearch_path%3D{schema}"

    def test_who_comes_second_is_refused_until_the_first_lets_go(self, url: str) -> None:
        with exclusive(url), pytest.raises(ConflictError, match="another server"), exclusive(url):
            pass
        with exclusive(url):
            pass

    def test_a_lost_connection_lets_a_second_in_and_keeps_the_first_from_writing(
        self, url: str
    ) -> None:
        first, second = open_event_store(url), open_event_store(url)
        first.claim()
        append(first, make_event("a"))
        second.claim()
        with pytest.raises(StoreLostError):
            append(first, make_event("b"))
        append(second, make_event("c"))
        assert read_ids(second) == ["a", "c"]
        first.close()
        second.close()

    def test_a_database_that_is_not_there_is_named(self, url: str) -> None:
        wrong = url.replace("/test?", "/nothing_of_that_name?")
        with pytest.raises(StoreError, match="nothing_of_that_name"), exclusive(wrong):
            pass

    def test_logs_of_two_schemas_are_apart(self, url: str) -> None:
        with exclusive(url), exclusive(POSTGRES_URL):
            pass


class TestReader:
    @pytest.fixture
    def url(self, schema: str) -> str:
        return f"{POSTGRES_URL}?options=-csearch_path%3D{schema}"

    def test_a_training_reads_and_cannot_write(self, url: str) -> None:
        store, reader = open_event_store(url), LogReader(url)
        append(store, make_event("a"))
        with pytest.raises(StoreError), reader._database.reading() as connection:
            connection.execute(sa.text("DELETE FROM events"))
        assert read_ids(reader) == ["a"]
        store.close()
        reader.close()

    def test_a_schema_without_a_log_is_refused(self, url: str) -> None:
        with pytest.raises(StoreError, match="no event log"):
            LogReader(url)


class TestTwoProcesses:
    @pytest.fixture
    def stores(self, schema: str) -> Iterator[tuple[EventStore, EventStore]]:
        url = f"{POSTGRES_URL}?options=-csearch_path%3D{schema}"
        stores = (open_event_store(url), open_event_store(url))
        yield stores
        for store in stores:
            store.close()

    def test_one_refuses_whom_the_other_erased(self, stores) -> None:
        first, second = stores
        erase(first, "ann")
        assert append(second, make_event("a")).outcomes == ("erased",)

    def test_both_append_without_losing_or_doubling(self, stores) -> None:
        first, second = stores
        events = [[make_event(f"{i}-{j}") for j in range(20)] for i in range(20)]
        done = [store.append(part) for part in events for store in (first, second)]
        outcomes = [outcome for future in done for outcome in future.result(30).outcomes]
        assert sorted(outcomes) == ["duplicate"] * 400 + ["new"] * 400
        assert len(read_ids(first)) == 400
