"""Take events in: durable, once, and folded into state before the answer."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from coadapt.domain import fields
from coadapt.domain.containment import contained
from coadapt.domain.errors import InvalidEventError, InvalidInputError, StoreError
from coadapt.domain.events import DEFAULT_PROJECT, Event
from coadapt.domain.parsing import Arrival, parse_event, person_field
from coadapt.serving.loop import Loop
from coadapt.stores.base import Rejection

_logger = logging.getLogger(__name__)

MAX_REJECTED_BODY_CHARS: Final = 8_192
UNKEPT: Final = "unkept_rejections"

_CHUNK: Final = 100
"""Events parsed before other requests get their turn."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Say why the event at `index` of a batch was refused."""

    index: int
    event_id: str | None
    code: str
    field: str | None
    message: str


@dataclass(slots=True)
class Receipt:
    """Say what became of a batch; `accepted + duplicate + len(rejected)` is its size."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[Refused] = field(default_factory=list)


async def ingest(
    loop: Loop, bodies: Sequence[Any], arrival: Arrival, *, is_dry_run: bool = False
) -> Receipt:
    """Validate decoded bodies and store what is sound; a dry run stores nothing.

    Raises ForbiddenError, OverloadedError, StoreError, StoreFullError when nothing was stored, and
    NotFoldedError when all that is sound was.
    """
    receipt = Receipt()
    numbered = await _parse(loop, bodies, arrival, receipt)
    if is_dry_run:
        receipt.accepted = len(numbered)
        return receipt
    if numbered:
        appended = await asyncio.wrap_future(loop.journal.append([event for _, event in numbered]))
        for (index, event), outcome in zip(numbered, appended.outcomes, strict=True):
            _count(receipt, index, event, outcome)
        _add_up(loop, Counter(_settled(numbered, appended.outcomes)))
    await _keep_rejections(loop, bodies, arrival, receipt)
    refused = (_project_of(bodies[refused.index], arrival) for refused in receipt.rejected)
    _add_up(loop, Counter((project, "rejected") for project in refused))
    return receipt


async def _parse(
    loop: Loop, bodies: Sequence[Any], arrival: Arrival, receipt: Receipt
) -> list[tuple[int, Event]]:
    """Return the sound events with their index and note the others in the receipt."""
    sound: list[tuple[int, Event]] = []
    for index, body in enumerate(bodies):
        if index and index % _CHUNK == 0:
            await asyncio.sleep(0)
        try:
            sound.append((index, parse_event(body, _arrival_of(loop, body, arrival))))
        except InvalidEventError as error:
            receipt.rejected.append(
                Refused(index, _event_id(body), error.code, error.field, error.message)
            )
    return sound


def _project_of(body: Any, arrival: Arrival) -> str:
    """Return the project that a body belongs to, also one that is refused."""
    if arrival.project is not None:
        return arrival.project
    try:
        return fields.identifier(body["project"], "project")
    except (InvalidInputError, KeyError, TypeError):
        return DEFAULT_PROJECT


def _arrival_of(loop: Loop, body: Any, arrival: Arrival) -> Arrival:
    """Return the arrival under the rules of the project that a body itself names."""
    if arrival.project is not None or not isinstance(body, dict) or "project" not in body:
        return arrival
    return replace(arrival, is_replay=loop.live.rules(_project_of(body, arrival)).is_replay)


def _count(receipt: Receipt, index: int, event: Event, outcome: str) -> None:
    """Note what the store made of one event."""
    if outcome == "new":
        receipt.accepted += 1
    elif outcome == "duplicate":
        receipt.duplicate += 1
    else:
        receipt.rejected.append(_refused(index, event, outcome))


_STORED: Final = {"new": "accepted", "duplicate": "duplicate"}


def _refused(index: int, event: Event, outcome: str) -> Refused:
    """Say why the store refused an event: its id is taken, or its person was erased."""
    if outcome == "conflict":
        message = "was already used for an event with another body"
        return Refused(index, event.event_id, "conflict", "event_id", message)
    message = "was erased: later events are refused"
    return Refused(index, None, "erased", person_field(event), message)


async def _keep_rejections(
    loop: Loop, bodies: Sequence[Any], arrival: Arrival, receipt: Receipt
) -> None:
    """Store what was refused, but nothing of people who were erased.

    Where that fails the receipt still goes out: the sound events of the batch are stored by now,
    and an error would have them sent again.
    """
    kept = [
        _rejection(refused, bodies[refused.index], arrival)
        for refused in receipt.rejected
        if refused.code != "erased"
    ]
    receipt.rejected.sort(key=lambda refused: refused.index)
    if not kept:
        return
    with contained() as held:
        await asyncio.wrap_future(loop.store.reject(kept))
    if held.error is not None:
        is_foreseen = isinstance(held.error, StoreError)
        _logger.error(
            "refused events could not be kept: %s",
            held.error,
            exc_info=None if is_foreseen else held.error,
        )
        for project, n_events in Counter(rejection.project for rejection in kept).items():
            loop.tally.add(UNKEPT, project, n_more=n_events)


def _rejection(refused: Refused, body: Any, arrival: Arrival) -> Rejection:
    """Return a refused body as it is kept."""
    given: Mapping[str, Any] = body if isinstance(body, dict) else {}
    return Rejection(
        project=_project_of(body, arrival),
        received_at=arrival.received_at,
        event_id=refused.event_id,
        code=refused.code,
        field=refused.field,
        message=refused.message,
        body=msgspec.json.encode(body).decode()[:MAX_REJECTED_BODY_CHARS],
        user_id=_text_or_none(given.get("user_id")),
        anonymous_id=_text_or_none(given.get("anonymous_id")),
    )


def _event_id(body: Any) -> str | None:
    """Return the id that a refused event gave, where it is an id at all."""
    return _text_or_none(body.get("event_id")) if isinstance(body, dict) else None


def _text_or_none(value: object) -> str | None:
    """Return a string of an id's length, else None."""
    return value if isinstance(value, str) and 0 < len(value) <= 256 else None


def _settled(
    numbered: Sequence[tuple[int, Event]], outcomes: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield project and label of each event that is in the log."""
    for (_, event), outcome in zip(numbered, outcomes, strict=True):
        if outcome in _STORED:
            yield event.project, _STORED[outcome]


def _add_up(loop: Loop, counts: Mapping[tuple[str, str], int]) -> None:
    """Count what became of a batch, by project and label."""
    for (project, label), n_events in counts.items():
        loop.tally.add("events", project, label, n_events)
