"""Let the head say which server writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Number the claims of servers, from none."""
    claims = sa.Column("n_claims", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("log_head", claims)
