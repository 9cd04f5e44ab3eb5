"""Bring a database to the newest form of the log's tables, when a store opens it."""

from __future__ import annotations

import secrets
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from coadapt.domain.errors import StoreError
from coadapt.stores._tables import HEAD

_LOCK = 0x636F6164
"""Number of the PostgreSQL lock under which one process migrates."""


def migrate(engine: sa.Engine) -> None:
    """Create or upgrade the tables in one transaction.

    Raises StoreError for tables that a newer version of the package made.
    """
    config = _config()
    if _revision(engine) == _newest(config):
        return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                "the event log was written by a newer version of coadapt; upgrade the package"
            ) from error
        _start_head(connection)


def check_revision(engine: sa.Engine) -> None:
    """Raise StoreError unless the tables are those that this version of the package makes."""
    revision = _revision(engine)
    if revision is None:
        raise StoreError("there is no event log in this database; name that of the service")
    if revision != _newest(_config()):
        raise StoreError(
            "the event log was written by another version of coadapt; read it with that one, or "
            "start the service with this one first"
        )


def _config() -> Config:
    """Return where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _newest(config: Config) -> str | None:
    """Return the newest revision of the tables."""
    return ScriptDirectory.from_config(config).get_current_head()


def _revision(engine: sa.Engine) -> str | None:
    """Return the revision of a database's tables, None if it has none."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _start_head(connection: sa.Connection) -> None:
    """Write the log's head, with this installation's salt, unless it is there."""
    if connection.execute(sa.select(HEAD)).first() is None:
        first = {"last_position": 0, "n_erased": 0, "salt": secrets.token_hex(32)}
        connection.execute(sa.insert(HEAD), first)
