"""Choose an event store by the scheme of its URL."""

from __future__ import annotations

from coadapt.stores.base import EventStore
from coadapt.stores.sql import SqlEventStore


def open_event_store(url: str) -> EventStore:
    """Open `sqlite:///path`, `sqlite://` (memory) or `postgresql://…`. Raises ConfigError."""
    return SqlEventStore(url)
