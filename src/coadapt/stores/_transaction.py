"""Write events inside one transaction, which also decides which of them are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from coadapt.domain.errors import StoreLostError
from coadapt.stores._tables import ERASED, EVENTS, HEAD, REJECTED
from coadapt.stores._tombstones import ANONYMOUS, Tombstones
from coadapt.stores.base import Appended
from coadapt.stores.event_rows import Row

_N_IDS_A_QUERY: Final = 1_000
_PROJECT, _EVENT_ID, _USER, _ANONYMOUS, _BODY, _DIGEST = 0, 1, 5, 6, 9, 10

_NAMING: Final = frozenset({"target_user_id", "host_id", "follows"})
"""Fields that name people, of an event and in what describes people and items."""

Key = tuple[str, str]

_LOCK_HEAD: Final = sa.select(HEAD).with_for_update()
_MOVE_HEAD: Final = sa.update(HEAD).values(last_position=sa.bindparam("last_position"))


class LogTransaction:
    """Append within a transaction that is open on a connection.

    Holds the row lock of the log's head until the commit, so one process writes at a time and
    positions become visible in order. A repeated id may leave a gap between positions. `claim` is
    the number under which a server writes; StoreLostError is raised once there is a newer one.
    """

    def __init__(
        self, connection: sa.Connection, tombstones: Tombstones, claim: int | None = None
    ) -> None:
        self.connection = connection
        head = connection.execute(_LOCK_HEAD).one()
        check_claim(claim, head.n_claims)
        self._n_claims: int = head.n_claims
        self._next_position: int = head.last_position + 1
        self._tombstones = tombstones
        if tombstones.is_behind(head.n_erased):
            tombstones.add(read_tombstones(connection, after=tombstones.last_number))

    def append(self, rows: Sequence[Row]) -> Appended:
        """Insert what is new; tell "new", "duplicate", "conflict" or "erased" of every row."""
        kept = [self._admit(row) for row in rows]
        changes = {
            i: _changes(stored)
            for i, (row, stored) in enumerate(zip(rows, kept, strict=True))
            if stored is not None and stored is not row
        }
        fresh: dict[Key, Row] = {}
        for row in kept:
            if row is not None:
                fresh.setdefault((row[_PROJECT], row[_EVENT_ID]), row)
        start = self._next_position
        placed = [(start + i, *row) for i, row in enumerate(fresh.values())]
        self._next_position += len(placed)
        if self._insert(placed) == len(placed):
            stored = {key: (start + i, row[_DIGEST]) for i, (key, row) in enumerate(fresh.items())}
        else:
            stored = self._stored(fresh)
        return replace(_outcomes(kept, stored, start), changes=changes)

    def reject(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep refused events; those of an erased person without what they said.

        Others' lose the names of the erased as accepted ones do. Once anyone was erased, a body
        that is cut or no object is not kept: whom it names cannot be told.
        """
        if rows:
            self.connection.execute(sa.insert(REJECTED), [self._anonymize(row) for row in rows])

    def claim(self) -> int:
        """Make a claim that refuses those before it, and return its number."""
        self._n_claims += 1
        self.connection.execute(sa.update(HEAD).values(n_claims=self._n_claims))
        return self._n_claims

    def finish(self) -> None:
        """Write down the last position, before the commit."""
        self.connection.execute(_MOVE_HEAD, {"last_position": self._next_position - 1})

    def _admit(self, row: Row) -> Row | None:
        """Return the row, without any erased person it names, or None if it is that person's."""
        if not self._tombstones:
            return row
        project, user, anonymous, body = (row[i] for i in (_PROJECT, _USER, _ANONYMOUS, _BODY))
        if self._tombstones.refuses(project, user, anonymous):
            return None
        is_gone = self._tombstones.holds(project, (anonymous,), ANONYMOUS)
        named = self._without_erased(project, body)
        if named is body and not is_gone:
            return row
        visitor = None if is_gone else anonymous
        between = row[_ANONYMOUS + 1 : _BODY]
        return (*row[:_ANONYMOUS], visitor, *between, named, row[_DIGEST])

    def _without_erased(self, project: str, body: str | None) -> str | None:
        """Return a body that names no erased person as target, as host or as followed."""
        if body is None or not any(name in body for name in _NAMING):
            return body
        fields = msgspec.json.decode(body)
        cleaned = self._without_erased_people(project, fields)
        properties = cleaned.get("properties")
        if isinstance(properties, dict):
            cleaned["properties"] = self._without_erased_people(project, properties)
        if cleaned == fields:
            return body
        return msgspec.json.encode(cleaned).decode() if cleaned else None

    def _without_erased_people(self, project: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return fields without the erased people in those that name people."""
        kept = dict(fields)
        for name in _NAMING & fields.keys():
            value = fields[name]
            if isinstance(value, list):
                kept[name] = [who for who in value if not self._is_erased(project, who)]
            elif self._is_erased(project, value):
                del kept[name]
        return kept

    def _is_erased(self, project: str, who: Any) -> bool:
        """Tell whether a JSON value is the id of an erased user."""
        return isinstance(who, str) and self._tombstones.holds(project, (who,))

    def _anonymize(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a refused event without any erased person; emptied if it is theirs."""
        if not self._tombstones:
            return row
        project, anonymous = row["project"], row["anonymous_id"]
        is_theirs = self._tombstones.holds(project, (row["user_id"],))
        if not (is_theirs or self._tombstones.holds(project, (anonymous,), ANONYMOUS)):
            return {**row, "body": self._refused_body(project, row["body"])}
        return {**row, "body": "", "user_id": None, "anonymous_id": None, "event_id": None}

    def _refused_body(self, project: str, body: str) -> str:
        """Return a refused body that names no erased person, empty where that cannot be told."""
        try:
            is_object = isinstance(msgspec.json.decode(body), dict)
        except msgspec.DecodeError:
            is_object = False
        return (self._without_erased(project, body) or "") if is_object else ""

    def _insert(self, placed: Sequence[Row]) -> int:
        """Insert rows whose id is not there yet and return how many those were."""
        if not placed:
            return 0
        sql = _insert_sql(self.connection.dialect.paramstyle)
        result = self.connection.exec_driver_sql(sql, [*placed])
        return result.rowcount

    def _stored(self, keys: Iterable[Key]) -> dict[Key, tuple[int, str]]:
        """Return position and digest of the stored events with these keys."""
        ids_of: dict[str, list[str]] = {}
        for project, event_id in keys:
            ids_of.setdefault(project, []).append(event_id)
        columns = (EVENTS.c.project, EVENTS.c.event_id, EVENTS.c.position, EVENTS.c.digest)
        return {
            (row.project, row.event_id): (row.position, row.digest)
            for name, ids in ids_of.items()
            for rows in select_by_ids(self.connection, name, ids, columns)
            for row in rows
        }


def select_by_ids(
    connection: sa.Connection, project: str, ids: Sequence[str], columns: Iterable[Any]
) -> Iterable[Sequence[sa.Row[Any]]]:
    """Yield the rows of events with these ids, some hundreds a query."""
    for start in range(0, len(ids), _N_IDS_A_QUERY):
        part = ids[start : start + _N_IDS_A_QUERY]
        query = sa.select(*columns).where(EVENTS.c.project == project, EVENTS.c.event_id.in_(part))
        yield connection.execute(query).all()


def check_claim(ours: int | None, newest: int) -> None:
    """Raise StoreLostError where a claim is no longer the newest; None claims nothing."""
    if ours is not None and ours != newest:
        raise StoreLostError("another server has claimed this event log: stop this one")


def read_tombstones(connection: sa.Connection, *, after: int) -> list[tuple[int, str]]:
    """Return number and hash of the erased people above a number, in order."""
    query = sa.select(ERASED.c.number, ERASED.c.hash).where(ERASED.c.number > after)
    return [(number, text) for number, text in connection.execute(query.order_by(ERASED.c.number))]


def _changes(stored: Row) -> dict[str, Any]:
    """Return the event's fields as they were stored, where they may differ from those given."""
    fields = msgspec.json.decode(stored[_BODY]) if stored[_BODY] else {}
    named = {name: fields.get(name) for name in ("target_user_id", "host_id")}
    kept = {**named, "properties": fields.get("properties", {})}
    return {"anonymous_id": stored[_ANONYMOUS], **kept}


@cache
def _insert_sql(paramstyle: str) -> str:
    """Return the INSERT for whole rows.

    Written by hand, since executing tuples is twice as fast as dictionaries through `insert()`.
    """
    mark = "?" if paramstyle == "qmark" else "%s"
    names = ", ".join(f'"{column.name}"' for column in EVENTS.c)
    marks = ", ".join([mark] * len(EVENTS.c))
    return (
        f"INSERT INTO {EVENTS.name} ({names}) VALUES ({marks}) "
        "ON CONFLICT (project, event_id) DO NOTHING"
    )


def _outcomes(
    rows: Sequence[Row | None], stored: dict[Key, tuple[int, str]], start: int
) -> Appended:
    """Tell what became of each row; positions from `start` on were given by this append."""
    outcomes: list[str] = []
    positions: list[int] = []
    seen: set[Key] = set()
    for row in rows:
        if row is None:
            outcomes.append("erased")
            positions.append(0)
            continue
        key = (row[_PROJECT], row[_EVENT_ID])
        position, digest = stored[key]
        is_new = position >= start and key not in seen
        repeated = "duplicate" if digest == row[_DIGEST] else "conflict"
        outcomes.append("new" if is_new else repeated)
        positions.append(position)
        seen.add(key)
    return Appended(tuple(outcomes), tuple(positions))
