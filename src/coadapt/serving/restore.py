"""Bring a loop level with its log, as every start does."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coadapt.domain.events import Event
from coadapt.domain.progress import Progress
from coadapt.serving.learn import exposure_of
from coadapt.serving.loop import Loop
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
        n_malformed += _remember(loop, slates.to_pylist())

    rebuild(loop.store, loop.features, progress, watch)
    if n_malformed:
        _logger.warning("skipped %d records of answers that hold no slate", n_malformed)


def _remember(loop: Loop, rows: Sequence[dict[str, Any]]) -> int:
    """Remember the slates of stored answers and return how many held none."""
    n_malformed = 0
    for row in rows:
        exposure = exposure_of(_slate_event(row))
        if exposure is None:
            n_malformed += 1
            loop.tally.add("malformed_slates", row["project"])
        else:
            loop.learner.exposures.add(exposure)
    return n_malformed


def _slate_event(row: dict[str, Any]) -> Event:
    """Return a stored record of an answer as the event that it was."""
    body = msgspec.json.decode(row["body"] or "{}")
    return Event(
        event_id=row["event_id"],
        type=row["type"],
        timestamp=row["timestamp"],
        project=row["project"],
        user_id=row["user_id"],
        anonymous_id=row["anonymous_id"],
        properties=body.get("properties", {}),
    )
