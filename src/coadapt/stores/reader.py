"""Read a log that another process may be writing, and change nothing in it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from coadapt.domain.errors import StoreError
from coadapt.stores._engine import open_database, opening
from coadapt.stores._scanning import BATCH_SIZE, newest_position, scan
from coadapt.stores.migrations import check_revision


class LogReader:
    """Scan a log over connections that cannot write: nothing is migrated and nothing scrubbed.

    Raises StoreError where there is no log, or one of another version of the tables; ConfigError.
    """

    def __init__(self, url: str) -> None:
        self._database = open_database(url, is_read_only=True)
        try:
            with opening():
                check_revision(self._database.engine)
        except StoreError:
            self.close()
            raise

    def scan(
        self,
        *,
        after: int = 0,
        until: int | None = None,
        project: str | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> Iterator[pa.RecordBatch]:
        """Yield EVENT_SCHEMA batches in log order: see `EventStore.scan`."""
        return scan(self._database, (after, until), project, batch_size)

    def last_position(self) -> int:
        """Return the newest position, 0 for a log that never held an event."""
        with self._database.reading() as connection:
            return newest_position(connection)

    def close(self) -> None:
        """Let go of the files."""
        self._database.engine.dispose()
