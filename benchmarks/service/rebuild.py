"""Time how long a start takes to rebuild state from a log."""

from __future__ import annotations

import time
from pathlib import Path

from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.open import open_event_store
from coadapt.stores.rebuild import rebuild as fold


def rebuild(log: Path) -> tuple[int, float]:
    """Fold a whole SQLite log into fresh state; return the events and the seconds it took."""
    store = open_event_store(f"sqlite:///{log}")
    started = time.perf_counter()
    features = MemoryFeatureStore()
    fold(store, features, lambda *_: None)
    seconds = time.perf_counter() - started
    store.close()
    return features.position, seconds
