"""Fold the whole log into state, as every start does."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from coadapt.domain.cycles import cycle_search_paused
from coadapt.domain.progress import Progress
from coadapt.stores.base import EventStore, FeatureStore


def rebuild(
    log: EventStore,
    features: FeatureStore,
    progress: Progress,
    watch: Callable[[pa.RecordBatch], None] | None = None,
) -> int:
    """Fold what the log holds beyond `features.position`; return how many events that were.

    `watch` is shown each batch after it was folded. `progress(done, total, message)` is called
    after it, in log positions.
    """
    start, end = features.position, log.last_position()
    n_events = 0
    with cycle_search_paused():
        for batch in log.scan(after=start, until=end):
            features.update(batch)
            if watch is not None:
                watch(batch)
            n_events += batch.num_rows
            progress(features.position - start, end - start, "replaying the log")
    return n_events
