"""Say who people are, what they agreed to, what is stored, and erase them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import FREE, ID, TIME, listing, operation, record
from coadapt.api.paging import PAGE_PARAMETERS, Page, instant_parameter, page_of
from coadapt.api.routing import Call, ScopedRoute, call_of
from coadapt.domain import fields
from coadapt.domain.errors import NotFoundError
from coadapt.domain.queries import Person
from coadapt.domain.query_parsing import parse_as_of, parse_person
from coadapt.serving.describe import put_consent, put_user
from coadapt.serving.erase import erase
from coadapt.serving.valuation import live_state, value_of
from coadapt.serving.value_replay import value_then
from coadapt.serving.value_segments import users_in_segment
from coadapt.value.segments import SEGMENTS

router = APIRouter(route_class=ScopedRoute)

_RECENT: Final = 50
_ID_TYPES: Final = ("user_id", "anonymous_id")
_WHOSE: Final = {"id_type": {"type": "string", "enum": list(_ID_TYPES), "default": "user_id"}}
_PAGE: Final = {**PAGE_PARAMETERS, "segment": {"type": "string", "enum": list(SEGMENTS)}}
_VALUED: Final = {**_WHOSE, "as_of": TIME}
_VALUE = record(
    ("user_id", "as_of", "horizon_days", "expected_spend", "quantiles", "segment", "run", "prior"),
    user_id=ID,
    as_of={"type": "integer", "description": "Epoch milliseconds"},
    horizon_days={"type": "integer"},
    currency={"type": ["string", "null"], "description": "null: the data names none"},
    expected_spend={"type": "number", "description": "Mean net spend within the horizon"},
    quantiles={"type": "object", "additionalProperties": {"type": "number"}},
    p_purchase_session={"type": ["number", "null"]},
    p_return={"type": ["number", "null"]},
    segment={"type": "string", "enum": list(SEGMENTS)},
    drivers={
        "type": ["array", "null"],
        "description": "What each type of event adds to the expected spend; null: not known",
        "items": record(("type", "contribution"), type=ID, contribution={"type": "number"}),
    },
    events_seen={"type": "integer"},
    run=ID,
    prior={"type": "boolean", "description": "Nothing of this person went in"},
    fallback={"type": ["string", "null"], "enum": ["cold", "opted_out", None]},
    replay={"type": "boolean"},
)
_USER = record(
    (), user_id=ID, anonymous_id=ID, properties=FREE, follows={"type": "array", "items": ID}
)
_CONSENT = record(("personalization",), personalization={"type": "boolean"})


@router.post("/v1/users", openapi_extra=operation("ingest", body=_USER))
async def post_user(request: Request) -> Response:
    """Add to a person's properties and ties."""
    call = call_of(request)
    body = fields.body_object(await call.body())
    await put_user(call.loop, parse_person(body), body, call.arrival())
    return answer({"stored": 1})


@router.get("/v1/users", openapi_extra=operation("read", query=_PAGE, result=listing("users")))
async def get_users(request: Request) -> Response:
    """Return a page of users and what is stored about them, in the order in which they came."""
    call = call_of(request)
    page = page_of(request)
    segment = request.query_params.get("segment")
    if segment is not None:
        return await _of_segment(call, segment, page)
    features = call.loop.features
    found = features.users(call.project, after=page.after, limit=page.limit)
    profiles = (
        features.profile(call.project, Person(user_id=user_id), as_of=call.now_ms)
        for _, user_id in found
    )
    following = str(found[-1][0]) if len(found) == page.limit else None
    users = [asdict(profile) for profile in profiles if profile is not None]
    return answer({"users": users, "next_cursor": following})


@router.get("/v1/users/{user_id}", openapi_extra=operation("read", path=("user_id",), query=_WHOSE))
async def get_user(request: Request) -> Response:
    """Return what is stored about a person, with their newest events of interest."""
    call = call_of(request)
    person = _person(call)
    profile = call.loop.features.profile(call.project, person, as_of=call.now_ms)
    if profile is None:
        raise NotFoundError("nothing is stored about this person", field="user_id")
    return answer({**asdict(profile), "recent": _recent(call, person)})


@router.get(
    "/v1/users/{user_id}/value",
    openapi_extra=operation("read", path=("user_id",), query=_VALUED, result=_VALUE),
)
async def get_user_value(request: Request) -> Response:
    """Forecast what a person will spend, from every event acknowledged before the request.

    `as_of` needs replay = true: the log is then read anew up to that instant.
    """
    call = call_of(request)
    person = _person(call)
    given = instant_parameter(request, "as_of")
    as_of = parse_as_of(given, call.asked())
    forecast = value_of if given is None else value_then
    return answer(await asyncio.to_thread(forecast, call.loop, call.project, person, as_of))


@router.put(
    "/v1/users/{user_id}/consent",
    openapi_extra=operation("admin", path=("user_id",), query=_WHOSE, body=_CONSENT),
)
async def put_user_consent(request: Request) -> Response:
    """Opt a person out of personalisation, or in again, from the next answer on."""
    call = call_of(request)
    body = fields.body_object(await call.body())
    await put_consent(call.loop, _person(call), body, call.arrival())
    return answer({"personalization": body["personalization"]})


@router.delete(
    "/v1/users/{user_id}", openapi_extra=operation("admin", path=("user_id",), query=_WHOSE)
)
async def delete_user(request: Request) -> Response:
    """Erase a person, under every id known to be theirs alone, down to the bytes."""
    call = call_of(request)
    removed = await erase(call.loop, call.project, _person(call))
    return answer(
        {
            "events": removed.events,
            "mentions": removed.mentions,
            "rejected": removed.rejected,
            "kept": removed.kept,
            "scrubbed": removed.scrubbed.result(),
            "from": ["event log", "rejected events", "state", "remembered slates"],
        }
    )


def _person(call: Call) -> Person:
    """Return whom the path names, as `id_type` says. Raises InvalidInputError."""
    id_type = call.request.query_params.get("id_type", "user_id")
    if id_type not in _ID_TYPES:
        raise fields.invalid("id_type", f"must be {' or '.join(_ID_TYPES)}")
    return Person(**{id_type: call.path_id("user_id")})


async def _of_segment(call: Call, segment: str, page: Page) -> Response:
    """Return a page of the users of a segment."""
    state = live_state(call.loop, call.project, "segment")
    asked = partial(users_in_segment, after=page.after, limit=page.limit, now_ms=call.now_ms)
    found = await asyncio.to_thread(asked, state, segment)
    users = [
        {**asdict(member.profile), "segment": segment, "expected_spend": member.expected_spend}
        for member in found.members
    ]
    following = None if found.following is None else str(found.following)
    return answer({"users": users, "next_cursor": following})


def _recent(call: Call, person: Person) -> list[dict[str, Any]]:
    """Return a person's newest events of interest, newest first."""
    features = call.loop.features
    past = features.past(call.project, person, as_of=call.now_ms, limit=_RECENT)
    item_ids = features.item_ids(call.project)
    columns = (past.items.tolist(), past.types.tolist(), past.times.tolist())
    return [
        {"item_id": item_ids[number], "type": event_type, "timestamp": time_ms}
        for number, event_type, time_ms in zip(*columns, strict=True)
    ][::-1]
