"""Read the log from one position to another, a short read a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import sqlalchemy as sa

from coadapt.stores._engine import Database
from coadapt.stores._tables import EVENTS, HEAD
from coadapt.stores.base import EVENT_SCHEMA
from coadapt.stores.event_rows import to_batch

BATCH_SIZE: Final = 50_000
EVENT_COLUMNS: Final = [EVENTS.c[name] for name in EVENT_SCHEMA.names]


def scan(
    database: Database,
    span: tuple[int, int | None],
    project: str | None = None,
    batch_size: int = BATCH_SIZE,
) -> Iterator[pa.RecordBatch]:
    """Yield EVENT_SCHEMA batches in log order, positions in a span (after, until].

    Where it has no end, events that arrive meanwhile are read too.
    """
    after, until = span
    query = sa.select(*EVENT_COLUMNS).order_by(EVENTS.c.position).limit(batch_size)
    if until is not None:
        query = query.where(EVENTS.c.position <= until)
    if project is not None:
        query = query.where(EVENTS.c.project == project)
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(EVENTS.c.position > after)).all()
        if not rows:
            return
        after = rows[-1][0]
        yield to_batch(rows)


def newest_position(connection: sa.Connection) -> int:
    """Return the newest position, 0 for a log that never held an event."""
    return int(connection.scalar(sa.select(HEAD.c.last_position)) or 0)
