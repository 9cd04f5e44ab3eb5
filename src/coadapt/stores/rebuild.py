"""Fold the whole log into state, as every start does."""

from __future__ import annotations

from collections.abc import Callable

from coadapt.stores.base import EventStore, FeatureStore

Progress = Callable[[float, float, str], None]


def rebuild(log: EventStore, features: FeatureStore, progress: Progress) -> int:
    """Fold what the log holds beyond `features.position`; return how many events that were.

    `progress(done, total, message)` is called after each batch, in log positions.
    """
    start, end = features.position, log.last_position()
    n_events = 0
    for batch in log.scan(after=start, until=end):
        features.update(batch)
        n_events += batch.num_rows
        progress(features.position - start, end - start, "replaying the log")
    return n_events
