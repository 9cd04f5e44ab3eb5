"""Name the tables of the event log; `migrations/` builds them."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.Text),
    sa.Column("anonymous_id", sa.Text),
    sa.Column("item_id", sa.Text),
    sa.Column("value", sa.Double),
    sa.Column("body", sa.Text),
    sa.Column("digest", sa.Text, nullable=False),
    sa.UniqueConstraint("project", "event_id", name="events_project_event_id"),
)

REJECTED = sa.Table(
    "rejected",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("event_id", sa.Text),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("field", sa.Text),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text),
    sa.Column("anonymous_id", sa.Text),
    sa.Index("rejected_project_number", "project", "number"),
    sqlite_autoincrement=True,
)

ERASED = sa.Table(
    "erased",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)

HEAD = sa.Table(
    "log_head",
    METADATA,
    sa.Column("last_position", sa.BigInteger, nullable=False),
    sa.Column("n_erased", sa.BigInteger, nullable=False),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("n_claims", sa.BigInteger, nullable=False, server_default="0"),
)
"""One row, locked by whoever appends: so positions become visible in order.

`n_claims` is the number of the newest claim to be the one that writes: see `SqlEventStore.claim`.
"""
