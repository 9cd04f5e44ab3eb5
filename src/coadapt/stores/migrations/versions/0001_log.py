"""Make the tables of the log as they first were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create events, refused events, the erased and the head."""
    _create_events()
    _create_rejected()
    op.create_table(
        "erased",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "log_head",
        sa.Column("last_position", sa.BigInteger, nullable=False),
        sa.Column("n_erased", sa.BigInteger, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
    )


def _create_events() -> None:
    """Create the log itself."""
    op.create_table(
        "events",
        sa.Column("position", NUMBER, primary_key=True, autoincrement=False),
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


def _create_rejected() -> None:
    """Create the table of refused events."""
    op.create_table(
        "rejected",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Text),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("field", sa.Text),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("anonymous_id", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("rejected_project_number", "rejected", ["project", "number"])
