"""Take in what clients say about items and people, as events of the same log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from coadapt.domain.catalogue import consent_event, item_event, retired_event, user_event
from coadapt.domain.errors import ForbiddenError, InvalidInputError
from coadapt.domain.events import Event
from coadapt.domain.parsing import Arrival, person_field
from coadapt.domain.queries import Person
from coadapt.serving.loop import Loop


async def put_item(
    loop: Loop, item_id: object, attributes: Mapping[str, Any], arrival: Arrival
) -> None:
    """Describe one item anew. Raises InvalidInputError, StoreError."""
    await _store(loop, [item_event(item_id, attributes, arrival)])


async def put_items(loop: Loop, described: Sequence[tuple[object, Any]], arrival: Arrival) -> int:
    """Describe items anew, all or none; return how many.

    Raises StoreError, and InvalidInputError that says which of `items` is wrong.
    """
    events = [_listed(place, each, arrival) for place, each in enumerate(described)]
    await _store(loop, events)
    return len(events)


def _listed(place: int, described: tuple[object, Any], arrival: Arrival) -> Event:
    """Return the event of the item at a place of a list. Raises InvalidInputError naming both."""
    try:
        return item_event(*described, arrival)
    except InvalidInputError as error:
        part = "" if error.field == "item" else f".{error.field}"
        raise InvalidInputError(
            error.message, code=error.code, field=f"items[{place}]{part}"
        ) from error


async def retire_item(loop: Loop, item_id: str, arrival: Arrival) -> None:
    """Take an item out of answers, from the next one on."""
    await _store(loop, [retired_event(item_id, arrival)])


async def put_user(loop: Loop, person: Person, body: Mapping[str, Any], arrival: Arrival) -> None:
    """Add to a person's properties and ties. Raises ForbiddenError for an erased person."""
    await _store(loop, [user_event(person, body, arrival)])


async def put_consent(
    loop: Loop, person: Person, body: Mapping[str, Any], arrival: Arrival
) -> None:
    """Opt a person out of personalisation or in again, from the next answer on."""
    await _store(loop, [consent_event(person, body, arrival)])


async def _store(loop: Loop, events: Sequence[Event]) -> None:
    """Append events of ours; done when they are durable and folded."""
    appended = await asyncio.wrap_future(loop.journal.append(events))
    for event, outcome in zip(events, appended.outcomes, strict=True):
        if outcome == "erased":
            raise ForbiddenError(
                "was erased: nothing more is kept", code="erased", field=person_field(event)
            )
