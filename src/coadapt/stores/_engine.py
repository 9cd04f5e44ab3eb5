"""Open a database with the settings under which a commit is durable and a deletion thorough."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, Final

import sqlalchemy as sa
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import exc
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from coadapt.domain.errors import ConfigError, MissingExtraError, StoreError, StoreFullError

SAFE_SQLITE: Final = (3, 51, 3)
"""Older ones can lose a commit in WAL mode when two connections write or checkpoint at once."""

BUSY_TIMEOUT_MS: Final = 10_000
_SQLITE_FULL: Final = 13
_MEMORY: Final = frozenset({"", ":memory:"})
_PG_DISK_FULL: Final = "53100"


@dataclass(frozen=True, slots=True)
class Database:
    """Hold an engine and what must be held while it is used.

    `gate` is a lock where all threads share one connection (SQLite in memory), else nothing.
    """

    engine: sa.Engine
    gate: AbstractContextManager[Any]

    @property
    def is_sqlite(self) -> bool:
        """Tell SQLite from PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """Return SQLite's file, None in memory or for a server."""
        name = self.engine.url.database
        is_file = self.is_sqlite and name is not None and name not in _MEMORY
        return Path(name) if is_file and name is not None else None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Lend a connection for one short read. Raises StoreError."""
        with (
            named_errors(),
            self.gate,
            self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            yield connection


def open_database(url: str, *, is_read_only: bool = False) -> Database:
    """Open a SQLite or PostgreSQL database by URL; errors never repeat the URL's password."""
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError as error:
        raise ConfigError("the store URL is not a URL, such as sqlite:///events.db") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(parsed, _forbid_sqlite_writes if is_read_only else _set_pragmas)
    if backend == "postgresql":
        engine = _open_postgresql(parsed)
        if is_read_only:
            sa.event.listen(engine, "connect", _forbid_postgresql_writes)
        return Database(engine, nullcontext())
    raise ConfigError(f"no event store for {backend}; there are: postgresql+psycopg, sqlite")


def _open_sqlite(url: sa.URL, set_up: Callable[[Any, ConnectionPoolEntry], None]) -> Database:
    """Open a file, or memory that lives as long as the store."""
    check_sqlite_version(sqlite.sqlite_version_info)
    is_memory = (url.database or "") in _MEMORY
    pool: dict[str, Any] = {"poolclass": StaticPool} if is_memory else {}
    engine = sa.create_engine(
        url,
        module=sqlite,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None},
        **pool,
    )
    sa.event.listen(engine, "connect", set_up)
    sa.event.listen(engine, "begin", _begin)
    return Database(engine, RLock() if is_memory else nullcontext())


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """Refuse a SQLite that can lose commits. Raises StoreError."""
    if version < SAFE_SQLITE:
        found, needed = (".".join(map(str, v)) for v in (version, SAFE_SQLITE))
        raise StoreError(
            f"SQLite {found} can lose commits in WAL mode; install pysqlite3 with {needed} or newer"
        )


def _open_postgresql(url: sa.URL) -> sa.Engine:
    """Open through psycopg 3, whichever driver the URL names or leaves out."""
    try:
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "a postgresql store needs an extra: pip install 'coadapt[postgres]'"
        ) from error


def _set_pragmas(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Make commits durable (FULL) and deletions overwrite what they remove."""
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")


def _forbid_sqlite_writes(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Let a connection change nothing, not even the way in which the file is written."""
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA query_only=ON")


def _forbid_postgresql_writes(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Let a session's transactions change nothing."""
    connection.autocommit = True
    connection.execute("SET default_transaction_read_only = on")
    connection.autocommit = False


def _begin(connection: sa.Connection) -> None:
    """Take the write lock at the start: a read that turns into a write cannot wait for it."""
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn a database's failure into ours, which repeats nothing that was stored."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise store_error(error) from error


@contextmanager
def opening() -> Iterator[None]:
    """Turn a failure to open a database into ours, in its own words: nothing was sent yet."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise StoreError(f"the event log cannot be opened: {said}") from error


def store_error(error: exc.SQLAlchemyError) -> StoreError:
    """Name a database's failure without repeating what was being stored."""
    cause = getattr(error, "orig", None)
    is_full = (
        getattr(cause, "sqlite_errorcode", 0) & 0xFF == _SQLITE_FULL
        or getattr(cause, "sqlstate", None) == _PG_DISK_FULL
    )
    if is_full:
        return StoreFullError("the disk under the event log is full: free space, then send again")
    kind = re.sub(r"(?<!^)(?=[A-Z])", " ", type(cause or error).__name__).lower()
    return StoreError(f"the event log could not do this ({kind}); nothing was acknowledged")
