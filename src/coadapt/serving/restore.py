"""Bring a loop level with its log, as every start does."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from coadapt.domain.events import Event
from coadapt.domain.progress import Progress
from coadapt.serving.loop import Loop
from coadapt.stores.event_rows import events_of
from coadapt.stores.rebuild import rebuild

_logger = logging.getLogger(__name__)


def restore(loop: Loop, progress: Progress) -> None:
    """Fold the log into state and remember the slates in it; call before anything is appended.

    A record of an answer that holds no slate is skipped, counted and told.
    """
    n_malformed = 0

    def watch(batch: pa.RecordBatch) -> None:
        nonlocal n_malformed
        slates = batch.filter(pc.equal(batch.column("type"), "$recommendation"))
        n_malformed += _remember(loop, events_of(slates))

    n_events = rebuild(loop.store, loop.features, progress, watch)
    _logger.info("restored %d events, up to position %d", n_events, loop.features.position)
    if n_malformed:
        _logger.warning("skipped %d records of answers that hold no slate", n_malformed)


def _remember(loop: Loop, events: Iterable[Event]) -> int:
    """Remember the slates of stored answers and return how many held none."""
    n_malformed = 0
    for event in events:
        if not loop.learner.remember(event):
            n_malformed += 1
            loop.tally.add("malformed_slates", event.project)
    return n_malformed
