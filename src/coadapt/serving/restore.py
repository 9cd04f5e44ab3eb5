"""Bring a loop level with its log, as every start does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pyarrow.compute as pc

from coadapt.domain.events import Event
from coadapt.serving.learn import exposure_of
from coadapt.serving.loop import Loop

Progress = Callable[[float, float, str], None]


def restore(loop: Loop, progress: Progress) -> None:
    """Fold the log into state and remember the slates in it; call before anything is appended."""
    start, end = loop.features.position, loop.store.last_position()
    for batch in loop.store.scan(after=start, until=end):
        loop.features.update(batch)
        slates = batch.filter(pc.equal(batch.column("type"), "$recommendation"))
        for row in slates.to_pylist():
            loop.learner.exposures.add(exposure_of(_slate_event(row)))
        progress(loop.features.position - start, end - start, "replaying the log")


def _slate_event(row: dict[str, Any]) -> Event:
    """Return a stored record of an answer as the event that it was."""
    body = msgspec.json.decode(row["body"])
    return Event(
        event_id=row["event_id"],
        type=row["type"],
        timestamp=row["timestamp"],
        project=row["project"],
        user_id=row["user_id"],
        anonymous_id=row["anonymous_id"],
        properties=body["properties"],
    )
