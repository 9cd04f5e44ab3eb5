"""Make an erasure reach the bytes of the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from coadapt.domain.errors import StoreError
from coadapt.stores._engine import Database
from coadapt.stores._tables import EVENTS, REJECTED

_CHUNK_BYTES: Final = 1 << 22


def scrubber(database: Database, texts: Sequence[str]) -> Callable[[], None]:
    """Return the step after an erasure's commit that removes `texts` from the files.

    SQLite zeroes what it deletes, and its write-ahead log is emptied into the file; a page that was
    once split may still hold a copy, so the file is searched and rewritten (VACUUM) where a text is
    found, also where it is part of another id. PostgreSQL keeps dead rows until VACUUM FULL
    rewrites the tables; its own write-ahead log and archives of it keep the bytes until they are
    recycled, which only their owner can hasten.
    """

    def scrub() -> None:
        options = {"isolation_level": "AUTOCOMMIT"}
        with database.engine.connect().execution_options(**options) as connection:
            if not database.is_sqlite:
                connection.exec_driver_sql(f"VACUUM FULL {EVENTS.name}")
                connection.exec_driver_sql(f"VACUUM FULL {REJECTED.name}")
                return
            _truncate_log(connection)
            if database.file is not None and _holds_any(database.file, texts):
                connection.exec_driver_sql("VACUUM")
                _truncate_log(connection)

    return scrub


def _truncate_log(connection: sa.Connection) -> None:
    """Empty SQLite's write-ahead log into the file. Raises StoreError while a reader holds it."""
    is_busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if is_busy:
        raise StoreError("erased, but a long read keeps the old bytes; end it, then erase again")


def _holds_any(file: Path, texts: Sequence[str]) -> bool:
    """Tell whether a file holds the bytes of any text."""
    needles = [text.encode() for text in texts]
    overlap = max(map(len, needles), default=1) - 1
    kept = b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            window = kept + chunk
            if any(needle in window for needle in needles):
                return True
            kept = window[len(window) - overlap :]
    return False
