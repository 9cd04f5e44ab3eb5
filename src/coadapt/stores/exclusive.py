"""Let one server at a time answer from a log: two would not see what the other takes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import sqlalchemy as sa

from coadapt.domain.errors import ConflictError, StoreError
from coadapt.stores._engine import open_database, opening
from coadapt.stores.locks import try_lock

_POSTGRES_LOCK: Final = 0x636F6164
"""One of the two numbers of the advisory lock; the schema gives the other."""


@contextmanager
def exclusive(url: str) -> Iterator[None]:
    """Hold a log for one server; trainings may read it meanwhile, and a crash lets go of it.

    So does a lost connection to PostgreSQL: `EventStore.claim` then keeps two from writing.

    Raises ConflictError while another server holds it, StoreError, ConfigError. A log in memory is
    nobody else's.
    """
    database = open_database(url)
    try:
        if database.file is not None:
            with _locked_file(database.file):
                yield
        elif database.is_sqlite:
            yield
        else:
            with _locked_database(database.engine):
                yield
    finally:
        database.engine.dispose()


@contextmanager
def _locked_file(database_file: Path) -> Iterator[None]:
    """Hold the file `<database>.serving`; it stays, what counts is the lock on it."""
    path = database_file.resolve()
    try:
        lock_file = path.with_name(f"{path.name}.serving").open("a")
    except OSError as error:
        raise StoreError(f"the folder of the log cannot be written to ({error.strerror})") from None
    with lock_file:
        _lock(lock_file)
        yield


def _lock(lock_file: IO[str]) -> None:
    """Lock an open file until it is closed."""
    try:
        is_ours = try_lock(lock_file)
    except OSError as error:
        raise StoreError(f"the folder of the log has no locks ({error.strerror})") from None
    if not is_ours:
        raise _taken()


@contextmanager
def _locked_database(engine: sa.Engine) -> Iterator[None]:
    """Hold an advisory lock of the schema on a connection that is kept open."""
    lock = sa.text("SELECT pg_try_advisory_lock(:ours, hashtext(coalesce(current_schema(), '')))")
    with opening():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        is_ours = connection.scalar(lock, {"ours": _POSTGRES_LOCK})
    with connection:
        if not is_ours:
            raise _taken()
        yield


def _taken() -> ConflictError:
    return ConflictError(
        "another server answers from this log; stop it first, or name another log by --store",
        code="store_in_use",
    )
