"""Mark in SQLite's file that bytes of an erased person may still be in it."""

from __future__ import annotations

import sqlalchemy as sa


def mark_unscrubbed(connection: sa.Connection, *, is_unscrubbed: bool) -> None:
    """Set or remove the mark, as part of the transaction; PostgreSQL has none."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version={int(is_unscrubbed)}")


def is_marked_unscrubbed(connection: sa.Connection) -> bool:
    """Tell whether a process ended before it had removed the bytes."""
    is_sqlite = connection.dialect.name == "sqlite"
    return is_sqlite and bool(connection.exec_driver_sql("PRAGMA user_version").scalar())
