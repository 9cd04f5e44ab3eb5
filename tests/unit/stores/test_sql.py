from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as pysqlite

from coadapt.domain.errors import InvalidEventError, StoreError, StoreFullError
from coadapt.stores import _scrubbing
from coadapt.stores.base import PersonIds, Rejection
from coadapt.stores.sql import MAX_REJECTED_BODY_CHARS, SqlEventStore
from coadapt.testing.stores import WAIT_S, append, erase, make_event, read, read_ids


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqlEventStore]:
    store = SqlEventStore(f"sqlite:///{file}")
    yield store
    store.close()


def limit_pages(store: SqlEventStore, n_pages: int) -> None:
    with store._database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={n_pages}")


def bytes_on_disk(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_acknowledged_events_are_there_after_reopening(file: Path, store: SqlEventStore) -> None:
    append(store, make_event("a"), make_event("b"))
    store.close()
    reopened = SqlEventStore(f"sqlite:///{file}")
    assert read_ids(reopened) == ["a", "b"]
    assert append(reopened, make_event("a")).outcomes == ("duplicate",)
    reopened.close()


def test_commits_are_synced_and_deletions_overwrite(store: SqlEventStore) -> None:
    with store._database.engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "secure_delete")
        values = [connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in pragmas]
    assert values == ["wal", 2, 1]


def test_a_full_disk_refuses_and_writes_go_on_when_there_is_space(store: SqlEventStore) -> None:
    append(store, make_event("a"))
    limit_pages(store, 1)
    with pytest.raises(StoreFullError, match="free space"):
        append(store, make_event("big", text="x" * 100_000))
    assert read_ids(store) == ["a"]
    limit_pages(store, 1_000_000)
    assert append(store, make_event("big", text="x" * 100_000)).outcomes == ("new",)


def test_a_broken_table_fails_the_append_and_says_nothing_of_its_content(
    file: Path, store: SqlEventStore
) -> None:
    with pysqlite.connect(str(file)) as other:
        other.execute("ALTER TABLE events RENAME TO elsewhere")
    with pytest.raises(StoreError) as caught:
        append(store, make_event("a", text="secret"))
    assert "secret" not in str(caught.value)
    assert "nothing was acknowledged" in str(caught.value)


def test_no_byte_of_an_erased_id_is_left_in_any_file(file: Path, store: SqlEventStore) -> None:
    mine = [make_event(f"u-77x-{i}", user_id="u-77x", text="y" * (i % 900)) for i in range(2_000)]
    others = [make_event(f"{i}", target_user_id="u-77x") for i in range(500)]
    append(store, *mine, *others)
    store.reject([Rejection("default", 1, None, "c", None, "", "u-77x")]).result(WAIT_S)
    assert b"u-77x" in bytes_on_disk(file)
    erase(store, "u-77x")
    assert b"u-77x" not in bytes_on_disk(file)


def test_an_emoji_id_is_erased_to_the_byte(file: Path, store: SqlEventStore) -> None:
    append(store, make_event("a", user_id="né/😀"), make_event("b", target_user_id="né/😀"))
    erase(store, "né/😀")
    assert "né/😀".encode() not in bytes_on_disk(file)


def test_an_erased_person_stays_away_after_reopening(file: Path, store: SqlEventStore) -> None:
    erase(store, "ann")
    store.close()
    reopened = SqlEventStore(f"sqlite:///{file}")
    assert append(reopened, make_event("a")).outcomes == ("erased",)
    reopened.close()


def test_a_reused_position_is_never_given_after_an_erasure(store: SqlEventStore) -> None:
    last = append(store, make_event("a")).positions[0]
    erase(store, "ann")
    assert append(store, make_event("b", user_id="bob")).positions[0] > last


def test_erasing_nobody_removes_nothing(store: SqlEventStore) -> None:
    append(store, make_event("a", text="hello"))
    assert erase(store).events == 0
    assert len(read(store)) == 1


def test_an_erased_persons_refused_event_is_kept_without_what_it_said(
    store: SqlEventStore,
) -> None:
    erase(store, "ann")
    store.reject([Rejection("default", 1, "e", "c", None, "", "hi", user_id="ann")]).result(WAIT_S)
    ((_, kept),) = store.rejected("default")
    assert (kept.body, kept.user_id, kept.event_id) == ("", None, None)


def test_a_long_or_odd_refused_body_is_cut_and_made_storable(store: SqlEventStore) -> None:
    body = "\0\ud800" + "x" * 100_000
    store.reject([Rejection("default", 1, None, "c", None, "", body)]).result(WAIT_S)
    ((_, kept),) = store.rejected("default")
    assert len(kept.body) == MAX_REJECTED_BODY_CHARS
    assert kept.body.startswith("\N{REPLACEMENT CHARACTER}?x")


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_database_holds_is_refused_at_once(store: SqlEventStore, text: str) -> None:
    with pytest.raises(InvalidEventError, match="well-formed"):
        store.append([make_event("a", item_id=text)])


def test_a_closed_store_refuses(store: SqlEventStore) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.append([make_event("a")])


def test_closing_finishes_what_was_accepted(file: Path, store: SqlEventStore) -> None:
    futures = [store.append([make_event(str(i))]) for i in range(50)]
    store.close()
    assert all(future.done() for future in futures)
    with sqlite3.connect(file) as reader:
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (50,)


def test_tables_of_a_newer_version_are_refused(file: Path, store: SqlEventStore) -> None:
    store.close()
    with pysqlite.connect(str(file)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        SqlEventStore(f"sqlite:///{file}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError):
        SqlEventStore(f"sqlite:///{tmp_path}/events.db")


def test_an_erasure_that_a_reader_holds_up_is_told_and_ends_with_it(
    file: Path, store: SqlEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_scrubbing, "RETRY_S", 0.01)
    append(store, make_event("a", user_id="u-77x"))
    reader = pysqlite.connect(str(file), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchall()
    erasure = store.erase("default", PersonIds(frozenset({"u-77x"}))).result(WAIT_S)
    assert (erasure.events, erasure.scrubbed.result(WAIT_S), store.n_unscrubbed) == (1, False, 1)
    reader.close()
    assert erase(store, "nobody").events == 0
    assert (store.n_unscrubbed, b"u-77x" in bytes_on_disk(file)) == (0, False)


def test_bytes_that_a_process_left_are_removed_by_the_next(
    file: Path, store: SqlEventStore
) -> None:
    store.close()
    with pysqlite.connect(str(file), isolation_level=None) as other:
        other.execute("PRAGMA secure_delete=OFF")
        other.execute("CREATE TABLE words (word TEXT)")
        other.execute("INSERT INTO words VALUES ('u-77x'), ('tea')")
        other.execute("DELETE FROM words WHERE word = 'u-77x'")
        other.execute("PRAGMA user_version=1")
    other.close()
    assert b"u-77x" in bytes_on_disk(file)
    reopened = SqlEventStore(f"sqlite:///{file}")
    erase(reopened, "nobody")
    reopened.close()
    assert b"u-77x" not in bytes_on_disk(file)
    with pysqlite.connect(str(file)) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (0,)
    other.close()
