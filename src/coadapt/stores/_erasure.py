"""Remove a person from the log, in the writer's transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa

from coadapt.stores._marks import mark_unscrubbed
from coadapt.stores._rewriting import Rewriting
from coadapt.stores._scanning import EVENT_COLUMNS
from coadapt.stores._tables import ERASED, EVENTS, HEAD, REJECTED
from coadapt.stores._tombstones import ANONYMOUS, USER, Tombstones
from coadapt.stores._transaction import LogTransaction, read_tombstones
from coadapt.stores.base import Erasure, PersonIds
from coadapt.stores.event_rows import to_batch

_N_POSITIONS: Final = 1_000
"""Rows read by position in one query."""

_ANSWER: Final = "$recommendation"


class Eraser:
    """Erase the ids of one person from one project.

    Their events go, with the recommendations they were given and what was refused of them; others'
    events stay, but lose what names the person: see `Rewriting`. An anonymous id that another user
    was seen with is not the person's own and not refused later; of what happened under it alone,
    that goes which was counted as the person's (all of it where a visitor is erased who is no
    user). What is kept although it holds the same characters is counted in `Erasure.kept`.
    """

    def __init__(self, project: str, ids: PersonIds, tombstones: Tombstones) -> None:
        self._project = project
        self._given = ids
        self._tombstones = tombstones
        # An expression: by the index, in the order of event ids, a scan takes 20 times longer.
        self._is_ours = EVENTS.c.project.concat("") == project
        self._left: list[tuple[int, str]] = []
        self.ids = PersonIds()

    def run(self, transaction: LogTransaction) -> Erasure:
        """Delete and rewrite rows inside the writer's transaction, and leave tombstones."""
        if not (self._given.user_ids or self._given.anonymous_ids):
            return Erasure(0, 0, 0)
        connection = transaction.connection
        mark_unscrubbed(connection, is_unscrubbed=True)
        visitors = self._visitors(connection)
        ids = self.ids = self._own_ids(connection, visitors)
        shared = visitors - ids.anonymous_ids
        removed = self._delete_events(connection, ids, shared)
        rewriting = Rewriting(ids, partial(self._tombstones.pseudonym, self._project))
        rejected = self._delete_rejected(connection, ids, rewriting)
        changed, kept = self._rewrite_events(connection, rewriting)
        kept += self._count_names(connection, self._given.union(ids))
        self._leave_tombstones(connection, ids)
        return Erasure(
            events=len(removed),
            mentions=len(changed),
            rejected=rejected,
            positions=tuple(row.position for row in removed),
            ids=ids,
            kept=dict(kept),
            restated=_facts_at(connection, changed),
            shared=self._left_of(connection, shared),
            recommendation_ids=tuple(row.event_id for row in removed if row.type == _ANSWER),
        )

    def remember(self) -> None:
        """Refuse the ids from now on; call when the deletion is committed."""
        self._tombstones.add(self._left)

    def _visitors(self, connection: sa.Connection) -> frozenset[str]:
        """Return the given anonymous ids, and those that the log links to the given users."""
        users = self._given.user_ids
        anonymous = EVENTS.c.anonymous_id
        query = sa.select(anonymous).distinct().where(self._is_ours)
        linked = query.where(anonymous.is_not(None), EVENTS.c.user_id.in_(users))
        return self._given.anonymous_ids.union(connection.scalars(linked) if users else ())

    def _own_ids(self, connection: sa.Connection, visitors: frozenset[str]) -> PersonIds:
        """Return the given users, and those of the visitors who are nobody else's."""
        users = self._given.user_ids
        anonymous = EVENTS.c.anonymous_id
        query = sa.select(anonymous).distinct().where(self._is_ours)
        somebody_else = sa.and_(EVENTS.c.user_id.is_not(None), EVENTS.c.user_id.not_in(users))
        others = query.where(anonymous.in_(visitors), somebody_else)
        return PersonIds(users, visitors.difference(connection.scalars(others)))

    def _left_of(
        self, connection: sa.Connection, visitors: Collection[str]
    ) -> pa.RecordBatch | None:
        """Return what is left of visitors whom an erased user shared, None if there is nothing."""
        if not (self._given.user_ids and visitors):
            return None
        query = sa.select(*EVENT_COLUMNS).where(self._is_ours, EVENTS.c.anonymous_id.in_(visitors))
        rows = connection.execute(query.order_by(EVENTS.c.position)).all()
        return to_batch(rows) if rows else None

    def _delete_events(
        self, connection: sa.Connection, ids: PersonIds, shared: Collection[str]
    ) -> Sequence[Any]:
        """Delete the person's events and return position, id and type of each, in log order."""
        visits = ids if ids.user_ids else self._given
        theirs = sa.and_(
            self._is_ours,
            sa.or_(
                EVENTS.c.user_id.in_(ids.user_ids),
                sa.and_(
                    EVENTS.c.user_id.is_(None), EVENTS.c.anonymous_id.in_(visits.anonymous_ids)
                ),
            ),
        )
        removed: list[Any] = []
        for part in (theirs, *_at(self._shared_visits(connection, shared))):
            query = sa.select(EVENTS.c.position, EVENTS.c.event_id, EVENTS.c.type).where(part)
            removed += connection.execute(query).all()
            connection.execute(sa.delete(EVENTS).where(part))
        return sorted(removed, key=lambda row: int(row.position))

    def _shared_visits(self, connection: sa.Connection, shared: Collection[str]) -> list[int]:
        """Return the positions of the given users' visits under ids that others use too.

        State gives a visit to the user whom the id was last seen with, an earlier one to the first:
        it would give the rest to another user once that one is gone.
        """
        columns = (EVENTS.c.position, EVENTS.c.user_id, EVENTS.c.anonymous_id)
        query = sa.select(*columns).where(self._is_ours, EVENTS.c.anonymous_id.in_(shared))
        user_of: dict[str, str] = {}
        unclaimed: dict[str, list[int]] = defaultdict(list)
        theirs: list[int] = []
        for row in connection.execute(query.order_by(EVENTS.c.position)):
            if row.user_id is not None:
                if row.user_id in self._given.user_ids:
                    theirs += unclaimed[row.anonymous_id]
                unclaimed[row.anonymous_id] = []
                user_of[row.anonymous_id] = row.user_id
            elif row.anonymous_id not in user_of:
                unclaimed[row.anonymous_id].append(row.position)
            elif user_of[row.anonymous_id] in self._given.user_ids:
                theirs.append(row.position)
        return theirs

    def _rewrite_events(
        self, connection: sa.Connection, rewriting: Rewriting
    ) -> tuple[list[int], Counter[str]]:
        """Take the person out of others' events.

        Return the positions of those that named them, and how many hold the characters, by type.
        """
        changed: list[dict[str, Any]] = []
        kept: Counter[str] = Counter()
        for row in self._may_name(connection, rewriting):
            event_id = rewriting.event_id(row.type, row.event_id, row.position)
            body = rewriting.body(row.type, row.body)
            if (event_id, body) != (row.event_id, row.body):
                changed.append({"at": row.position, "new_id": event_id, "new_body": body})
            if body is not None and rewriting.mention.is_in_json(body):
                kept[row.type] += 1
        if changed:
            rewrite = sa.update(EVENTS).where(EVENTS.c.position == sa.bindparam("at"))
            values: dict[str, Any] = {
                "event_id": sa.bindparam("new_id"),
                "body": sa.bindparam("new_body"),
            }
            connection.execute(rewrite.values(values), changed)
        return [row["at"] for row in changed], kept

    def _may_name(self, connection: sa.Connection, rewriting: Rewriting) -> Iterator[Any]:
        """Yield others' events that may name the person."""
        columns = (EVENTS.c.position, EVENTS.c.type, EVENTS.c.event_id, EVENTS.c.body)
        held = (
            column.contains(text, autoescape=True)
            for text in rewriting.mention.needles
            for column in (EVENTS.c.event_id, EVENTS.c.body)
        )
        query = sa.select(*columns).where(self._is_ours)
        yield from connection.execute(query.where(sa.or_(sa.false(), *held)))

    def _delete_rejected(
        self, connection: sa.Connection, ids: PersonIds, rewriting: Rewriting
    ) -> int:
        """Delete what was refused of the person, or of others naming them."""
        rows = connection.execute(sa.select(REJECTED).where(REJECTED.c.project == self._project))
        numbers = [
            {"at": row.number}
            for row in rows
            if row.user_id in ids.user_ids
            or row.anonymous_id in ids.anonymous_ids
            or rewriting.mention.is_in_text(row.event_id or "")
            or rewriting.mention.is_in_refused(row.body)
        ]
        if numbers:
            gone = sa.delete(REJECTED).where(REJECTED.c.number == sa.bindparam("at"))
            connection.execute(gone, numbers)
        return len(numbers)

    def _count_names(self, connection: sa.Connection, ids: PersonIds) -> Counter[str]:
        """Count the events in which the same characters are an item's or somebody else's id."""
        every = ids.user_ids | ids.anonymous_ids
        places = (EVENTS.c.item_id, EVENTS.c.user_id, EVENTS.c.anonymous_id)
        counts = (sa.func.count().filter(place.in_(every)) for place in places)
        query = sa.select(*counts).where(self._is_ours)
        found = connection.execute(query).one()
        return Counter(dict(zip((place.name for place in places), found, strict=True)))

    def _leave_tombstones(self, connection: sa.Connection, ids: PersonIds) -> None:
        """Keep the salted hashes that refuse later events of these ids."""
        named = [(i, USER) for i in sorted(ids.user_ids)]
        named += [(i, ANONYMOUS) for i in sorted(ids.anonymous_ids)]
        hashes = [self._tombstones.hash(self._project, *name) for name in named]
        known = connection.scalars(sa.select(ERASED.c.hash).where(ERASED.c.hash.in_(hashes))).all()
        fresh = [{"hash": text} for text in hashes if text not in set(known)]
        if fresh:
            connection.execute(sa.insert(ERASED), fresh)
            self._left = read_tombstones(connection, after=self._tombstones.last_number)
            n_erased = HEAD.c.n_erased + len(fresh)
            connection.execute(sa.update(HEAD).values(n_erased=n_erased))


def _facts_at(connection: sa.Connection, positions: Sequence[int]) -> pa.RecordBatch | None:
    """Return the descriptions of items and people among these positions, None if there is none."""
    query = sa.select(*EVENT_COLUMNS).where(EVENTS.c.type.in_(("$item", "$user")))
    rows = [row for part in _at(positions) for row in connection.execute(query.where(part)).all()]
    return to_batch(rows) if rows else None


def _at(positions: Sequence[int]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions that together name the rows at log positions."""
    for start in range(0, len(positions), _N_POSITIONS):
        yield EVENTS.c.position.in_(positions[start : start + _N_POSITIONS])
