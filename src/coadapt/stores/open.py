"""Choose an event store by the scheme of its URL."""

from __future__ import annotations

from sqlalchemy import make_url

from coadapt.stores.base import EventStore
from coadapt.stores.sql import SqlEventStore


def open_event_store(url: str) -> EventStore:
    """Open `sqlite:///path`, `sqlite://` (memory) or `postgresql://…`. Raises ConfigError."""
    return SqlEventStore(url)


def without_password(url: str) -> str:
    """Return a store's URL as it may be written down."""
    return make_url(url).render_as_string(hide_password=True)
