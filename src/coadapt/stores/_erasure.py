"""Remove a person from the log, down to the bytes of the files."""

from __future__ import annotations

import sqlalchemy as sa

from coadapt.stores._mentions import Mention
from coadapt.stores._tables import ERASED, EVENTS, HEAD, REJECTED
from coadapt.stores._tombstones import Tombstones
from coadapt.stores._transaction import LogTransaction, read_tombstones
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
        self._left: list[tuple[int, str]] = []

    @property
    def spellings(self) -> list[str]:
        """Return how the ids may stand in stored text."""
        return self._mention.spellings

    def run(self, transaction: LogTransaction) -> Erasure:
        """Delete and rewrite rows inside the writer's transaction, and leave tombstones."""
        if not self._ids:
            return Erasure(0, 0, 0)
        connection = transaction.connection
        positions = self._delete_events(connection)
        mentions = self._rewrite_bodies(connection)
        rejected = self._delete_rejected(connection)
        self._leave_tombstones(connection)
        return Erasure(len(positions), mentions, rejected, tuple(positions))

    def remember(self) -> None:
        """Refuse the ids from now on; call when the deletion is committed."""
        self._tombstones.add(self._left)

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
            self._left = read_tombstones(connection, after=self._tombstones.last_number)
            n_erased = HEAD.c.n_erased + len(fresh)
            connection.execute(sa.update(HEAD).values(n_erased=n_erased))

    def _is_theirs(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition of being this person's row."""
        return sa.or_(table.c.user_id.in_(self._ids), table.c.anonymous_id.in_(self._ids))

    def _holds_id(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return a condition that every row naming the person meets, and a few others."""
        texts = self._mention.spellings
        return sa.or_(*(table.c.body.contains(text, autoescape=True) for text in texts))
