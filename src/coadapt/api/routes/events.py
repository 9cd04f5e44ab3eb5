"""Take events in, and list those that were refused."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import NotJsonError, answer
from coadapt.api.documentation import (
    FREE,
    ID,
    LOGGED,
    NUMBER,
    SOMEBODY,
    TIME,
    WHOLE,
    Named,
    array,
    listing,
    operation,
    record,
    whole,
    written,
)
from coadapt.api.errors import error_answer
from coadapt.api.paging import PAGE_PARAMETERS, page_of
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain import fields
from coadapt.serving.ingest import Receipt, Refused, ingest
from coadapt.stores.base import Rejection

MAX_EVENTS: Final = 1_000

router = APIRouter(route_class=ScopedRoute)

_EVENT_FIELDS: Final = record(
    ("type",),
    event_id=ID,
    type={"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
    user_id=ID,
    anonymous_id=ID,
    timestamp=TIME,
    item_id=ID,
    value={"type": "number"},
    quantity={"type": "number", "minimum": 0},
    currency=ID,
    session_id=ID,
    host_id=ID,
    target_user_id=ID,
    transaction_id=ID,
    recommendation_id=ID,
    position={"type": "integer", "minimum": 0},
    text={"type": "string", "maxLength": fields.MAX_TEXT_CHARS},
    project=ID,
    context=FREE,
    properties=FREE,
)
_EVENT: Final = Named("Event", {**_EVENT_FIELDS, **SOMEBODY})
_BATCH: Final = Named("EventBatch", whole(events=array(_EVENT, minItems=1, maxItems=MAX_EVENTS)))
_RECEIPT: Final = Named(
    "Receipt",
    whole(
        accepted=WHOLE,
        duplicate=WHOLE,
        rejected=array(Named("RefusedEvent", written(Refused))),
        took_ms=NUMBER,
    ),
)
_REJECTED: Final = Named(
    "RejectedEvents",
    listing("rejected", Named("RejectedEvent", written(Rejection, number=WHOLE))),
)


@router.post(
    "/v1/events",
    operation_id="send_events",
    openapi_extra=operation(
        "ingest",
        body={"oneOf": [_BATCH, _EVENT]},
        query={"dry_run": {"type": "boolean"}},
        result=_RECEIPT,
        fails=(409, *LOGGED),
    ),
)
async def post_events(request: Request) -> Response:
    """Store 1 to 1,000 events, each once; answer when they are durable."""
    call = call_of(request)
    body = await call.body()
    bodies, is_single = _events_of(body)
    receipt = await ingest(call.loop, bodies, call.arrival(), is_dry_run=_is_dry_run(request))
    if is_single and receipt.rejected:
        return _single_refusal(receipt.rejected[0])
    return answer({**_receipt(receipt), "took_ms": call.took_ms})


@router.get(
    "/v1/events/rejected",
    operation_id="list_rejected_events",
    openapi_extra=operation("read", query=PAGE_PARAMETERS, result=_REJECTED),
)
async def get_rejected(request: Request) -> Response:
    """List what was refused and why, oldest first."""
    call = call_of(request)
    page = page_of(request)
    found = await asyncio.to_thread(
        call.loop.store.rejected, call.project, after=page.after, limit=page.limit
    )
    following = str(found[-1][0]) if len(found) == page.limit else None
    rejected = [{"number": number, **asdict(refused)} for number, refused in found]
    return answer({"rejected": rejected, "next_cursor": following})


def _events_of(body: Any) -> tuple[list[Any], bool]:
    """Return the events of a body, and whether it is one bare event."""
    given = fields.body_object(body)
    if "events" not in given:
        return [given], True
    events = given["events"]
    if type(events) is not list:
        raise fields.invalid("events", "must be a list")
    if not 1 <= len(events) <= MAX_EVENTS:
        raise NotJsonError(
            f"must have 1 to {MAX_EVENTS} events", code="invalid_events", field="events"
        )
    return events, False


def _is_dry_run(request: Request) -> bool:
    """Tell whether a request only asks for validation. Raises InvalidInputError."""
    text = request.query_params.get("dry_run", "false").lower()
    if text not in {"true", "false", "1", "0"}:
        raise fields.invalid("dry_run", "must be true or false")
    return text in {"true", "1"}


def _receipt(receipt: Receipt) -> dict[str, Any]:
    """Return what became of a batch as JSON."""
    return {
        "accepted": receipt.accepted,
        "duplicate": receipt.duplicate,
        "rejected": [asdict(refused) for refused in receipt.rejected],
    }


def _single_refusal(refused: Refused) -> Response:
    """Return the error of a bare event."""
    status = 409 if refused.code == "conflict" else 422
    return error_answer(refused.code, refused.message, refused.field, status)
