"""Say why an item is shown: the event of the past whose item is most like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from coadapt.domain.durations import DAY_MS, HOUR_MS, MINUTE_MS
from coadapt.domain.queries import Query
from coadapt.domain.slates import Reason, SlateItem
from coadapt.serving.asking import Asking
from coadapt.serving.loop import Loop

_UNITS = (("day", DAY_MS), ("hour", HOUR_MS), ("minute", MINUTE_MS))

_DEEDS = {
    "page_view": "viewed {item}",
    "select_item": "clicked {item}",
    "add_to_cart": "added {item} to your cart",
    "purchase": "bought {item}",
    "like": "liked {item}",
    "comment": "commented on {item}",
    "share": "shared {item}",
}


def reasons_of(
    loop: Loop, query: Query, asking: Asking, items: Sequence[SlateItem]
) -> list[SlateItem]:
    """Return the items with their reasons; reads the log, so not for the thread that talks HTTP.

    A method without item vectors, and a past without known items, give none: nothing is made up.
    """
    pipeline = asking.question.pipeline
    vectors = pipeline.recommender.item_vectors()
    if query.history is not None or vectors is None or asking.is_cold:
        return list(items)
    item_ids = loop.features.item_ids(query.project)
    past_rows = pipeline.by_number.rows(item_ids)[asking.past.items]
    known = np.flatnonzero(past_rows >= 0)
    shown = pipeline.vocabulary.rows([item.item_id for item in items])
    nearness = _cosines(vectors, shown, past_rows[known])
    nearest = known[nearness.argmax(axis=1)]
    evidence = _event_ids(loop, asking.past.positions[nearest].tolist())
    reasons = [
        _reason(query, asking, item_ids, place, weight)
        for place, weight in zip(nearest.tolist(), nearness.max(axis=1).tolist(), strict=True)
    ]
    return [
        replace(item, reasons=(replace(reason, evidence=event_ids),)) if row >= 0 else item
        for item, reason, event_ids, row in zip(items, reasons, evidence, shown, strict=True)
    ]


def _reason(
    query: Query, asking: Asking, item_ids: Sequence[str], place: int, weight: float
) -> Reason:
    """Name the event at a place of the past."""
    past = asking.past
    deed = _DEEDS.get(str(past.types[place]), "showed interest in {item}")
    done = deed.replace("{item}", item_ids[int(past.items[place])])
    age = _age(query.as_of - int(past.times[place]))
    return Reason("because_of_event", f"You {done} {age} ago", weight)


def _event_ids(loop: Loop, positions: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the id of the event at each log position."""
    found = {
        position: tuple(
            event_id
            for batch in loop.store.scan(after=position - 1, until=position)
            for event_id in batch.column("event_id").to_pylist()
        )
        for position in set(positions)
    }
    return [found[position] for position in positions]


def _age(age_ms: int) -> str:
    """Say a time span in its largest whole unit."""
    for unit, unit_ms in _UNITS:
        n_units = age_ms // unit_ms
        if n_units >= 1:
            return f"{n_units} {unit}{'s' if n_units > 1 else ''}"
    return "moments"


def _cosines(
    vectors: npt.NDArray[Any], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[Any]:
    """Return the cosine of each pair of item rows, shape (n_left, n_right)."""
    first, second = vectors[left], vectors[right]
    lengths = np.outer(np.linalg.norm(first, axis=1), np.linalg.norm(second, axis=1))
    cosines: npt.NDArray[Any] = (first @ second.T) / np.maximum(lengths, 1e-12)
    return cosines
