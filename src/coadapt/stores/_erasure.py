"""Remove a person from the log, down to the bytes of the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from coadapt.domain.errors import StoreError
from coadapt.stores._engine import Database
from coadapt.stores._tables import ERASED, EVENTS, HEAD, REJECTED
from coadapt.stores._tombstones import Tombstones
from coadapt.stores._transaction import LogTransaction
from coadapt.stores.base import Erasure


class Eraser:
    """Erase the ids of one person from one project.

    Their events go, with the recommendations they were given and what was refused of them. Others'
    events stay but lose what names them: a string in the body that equals an id becomes null (an
    entry of a list or a key of that name goes), and inside longer text `@id` is cut out, as is
    the bare id where it stands alone and cannot be a common word or small number.
    """

    def __init__(self, project: str, ids: frozenset[str], tombstones: Tombstones) -> None:
        self._project = project
        self._ids = sorted(ids)
        self._tombstones = tombstones
        self._mention = Mention(ids)

    def run(self, transaction: LogTransaction) -> Erasure:
        """Delete and rewrite rows inside the writer's transaction, and leave tombstones."""
        connection = transaction.connection
        positions = self._delete_events(connection)
        mentions = self._rewrite_bodies(connection)
        rejected = self._delete_rejected(connection)
        self._leave_tombstones(connection)
        return Erasure(len(positions), mentions, rejected, tuple(positions))

    def _delete_events(self, connection: sa.Connection) -> list[int]:
        """Delete the person's events and return their positions."""
        theirs = sa.and_(EVENTS.c.project == self._project, self._is_theirs(EVENTS))
        positions = connection.scalars(sa.select(EVENTS.c.position).where(theirs)).all()
        connection.execute(sa.delete(EVENTS).where(theirs))
        return sorted(positions)

    def _rewrite_bodies(self, connection: sa.Connection) -> int:
        """Take the person out of others' events and return how many named them."""
        query = sa.select(EVENTS.c.position, EVENTS.c.body).where(
            EVENTS.c.project == self._project, self._holds_id(EVENTS)
        )
        changed = [
            {"at": position, "new": rewritten}
            for position, body in connection.execute(query).all()
            if (rewritten := self._mention.remove_from(body)) != body
        ]
        if changed:
            rewrite = sa.update(EVENTS).where(EVENTS.c.position == sa.bindparam("at"))
            connection.execute(rewrite.values(body=sa.bindparam("new")), changed)
        return len(changed)

    def _delete_rejected(self, connection: sa.Connection) -> int:
        """Delete what was refused of the person, or of others naming them."""
        query = sa.select(REJECTED).where(
            REJECTED.c.project == self._project,
            sa.or_(self._is_theirs(REJECTED), self._holds_id(REJECTED)),
        )
        numbers = [
            {"at": row.number}
            for row in connection.execute(query).all()
            if row.user_id in self._ids
            or row.anonymous_id in self._ids
            or self._mention.is_in_text(row.body)
        ]
        if numbers:
            gone = sa.delete(REJECTED).where(REJECTED.c.number == sa.bindparam("at"))
            connection.execute(gone, numbers)
        return len(numbers)

    def _leave_tombstones(self, connection: sa.Connection) -> None:
        """Keep the salted hashes that refuse later events of these ids."""
        hashes = [self._tombstones.hash(self._project, i) for i in self._ids]
        known = connection.scalars(sa.select(ERASED.c.hash).where(ERASED.c.hash.in_(hashes))).all()
        fresh = [{"hash": text} for text in hashes if text not in set(known)]
        if fresh:
            connection.execute(sa.insert(ERASED), fresh)
            n_erased = HEAD.c.n_erased + len(fresh)
            connection.execute(sa.update(HEAD).values(n_erased=n_erased))

    def _is_theirs(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition of being this person's row."""
        return sa.or_(table.c.user_id.in_(self._ids), table.c.anonymous_id.in_(self._ids))

    def _holds_id(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return a condition that every row naming the person meets, and a few others."""
        texts = self._mention.spellings
        return sa.or_(*(table.c.body.contains(text, autoescape=True) for text in texts))


class Mention:
    """Find and remove the naming of ids in JSON values and texts."""

    def __init__(self, ids: frozenset[str]) -> None:
        self._ids = ids
        texts = "|".join(
            rf"(?<![\w-])@?{re.escape(i)}(?![\w-])"
            if _is_distinctive(i)
            else rf"@{re.escape(i)}(?![\w-])"
            for i in sorted(ids, key=len, reverse=True)
        )
        self._in_text = re.compile(texts)

    @property
    def spellings(self) -> list[str]:
        """Return how an id may stand in JSON text: itself, escaped, and escaped to ASCII."""
        escaped = (msgspec.json.encode(i).decode()[1:-1] for i in self._ids)
        ascii_only = ("".join(_ascii_escapes(i)) for i in self._ids)
        return sorted({*self._ids, *escaped, *ascii_only})

    def remove_from(self, body: str) -> str | None:
        """Return a body that does not name the ids; one that never did comes back as it is."""
        fields = msgspec.json.decode(body)
        cleaned = self._clean(fields)
        if cleaned == fields:
            return body
        kept = {name: value for name, value in cleaned.items() if value is not None}
        return msgspec.json.encode(kept).decode() if kept else None

    def is_in_text(self, text: str) -> bool:
        """Tell whether raw text, JSON or not, names an id: quoted, after @, or standing alone."""
        quoted = (f'"{spelling}"' in text for spelling in self.spellings)
        return any(quoted) or self._in_text.search(text) is not None

    def _clean(self, value: Any) -> Any:
        """Return a JSON value without the ids."""
        if isinstance(value, str):
            return None if value in self._ids else self._in_text.sub("", value)
        if isinstance(value, list):
            return [self._clean(entry) for entry in value if not self._is_id(entry)]
        if isinstance(value, dict):
            return {
                self._in_text.sub("", k): self._clean(v)
                for k, v in value.items()
                if k not in self._ids
            }
        return value

    def _is_id(self, value: Any) -> bool:
        """Tell whether a JSON value is one of the ids."""
        return isinstance(value, str) and value in self._ids


def _is_distinctive(identifier: str) -> bool:
    """Tell whether an id in running text can hardly be a word or a number: "u-81", not "tea"."""
    if identifier.isdigit():
        return len(identifier) >= 8
    return not identifier.isalpha()


def _ascii_escapes(text: str) -> Iterator[str]:
    """Yield text as JSON writes it where only ASCII is let through."""
    for character in text.encode("utf-16-be", "surrogatepass").decode("utf-16-be"):
        if character.isascii():
            yield msgspec.json.encode(character).decode()[1:-1]
            continue
        units = character.encode("utf-16-be").hex()
        yield from (f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def forget_bytes(database: Database) -> Callable[[], None]:
    """Return the step after an erasure's commit that removes the bytes from the files.

    SQLite zeroes what it deletes and the write-ahead log is emptied into the file. PostgreSQL keeps
    dead rows until VACUUM FULL rewrites the tables; its own write-ahead log and any archive of it
    keep the bytes until they are recycled, which only their owner can hasten.
    """

    def run() -> None:
        with database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            if database.is_sqlite:
                _truncate_log(connection)
            else:
                connection.exec_driver_sql(f"VACUUM FULL {EVENTS.name}")
                connection.exec_driver_sql(f"VACUUM FULL {REJECTED.name}")

    return run


def _truncate_log(connection: sa.Connection) -> None:
    """Empty SQLite's write-ahead log into the file. Raises StoreError while a reader holds it."""
    row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if row[0]:
        raise StoreError("erased, but a long read keeps the old bytes; end it, then erase again")
