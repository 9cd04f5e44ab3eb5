"""Say who people are, what they agreed to, what is stored, and erase them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import (
    FALLBACK,
    FLAG,
    FREE,
    ID,
    INSTANT,
    LOGGED,
    NUMBER,
    SOMEBODY,
    TEXT,
    TIME,
    WHOLE,
    Named,
    Schema,
    array,
    choice,
    listing,
    operation,
    record,
    whole,
    written,
)
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
from coadapt.stores.base import Profile
from coadapt.value.segments import SEGMENTS

router = APIRouter(route_class=ScopedRoute)

_RECENT: Final = 50
_ID_TYPES: Final = ("user_id", "anonymous_id")
_SEGMENT: Final = Named("Segment", choice(*SEGMENTS))
_WHOSE: Final = {"id_type": Named("IdType", {**choice(*_ID_TYPES), "default": "user_id"})}
_PAGE: Final[Mapping[str, Schema]] = {**PAGE_PARAMETERS, "segment": _SEGMENT}
_VALUED: Final = {**_WHOSE, "as_of": TIME}
_DRIVERS: Final = {
    "type": ["array", "null"],
    "description": "What each type of event adds to the expected spend; null: not known",
    "items": Named("Driver", whole(type=ID, contribution=NUMBER)),
}
_VALUE: Final = Named(
    "Value",
    whole(
        user_id=ID,
        as_of=INSTANT,
        horizon_days=WHOLE,
        currency={"type": ["string", "null"], "description": "null: the data names none"},
        expected_spend={"type": "number", "description": "Mean net spend within the horizon"},
        quantiles={"type": "object", "additionalProperties": NUMBER},
        p_purchase_session={"type": ["number", "null"]},
        p_return={"type": ["number", "null"]},
        segment=_SEGMENT,
        drivers=_DRIVERS,
        events_seen=WHOLE,
        run=ID,
        prior={"type": "boolean", "description": "Nothing of this person went in"},
        fallback=FALLBACK,
        replay=FLAG,
    ),
)
_TOLD: Final = record((), user_id=ID, anonymous_id=ID, properties=FREE, follows=array(ID))
_DESCRIPTION: Final = Named("UserDescription", {**_TOLD, **SOMEBODY})
_PROFILE: Final = written(Profile)
_LISTED: Final = {
    **_PROFILE,
    "properties": {**_PROFILE["properties"], "segment": _SEGMENT, "expected_spend": NUMBER},
}
_USERS: Final = Named("Users", listing("users", Named("ListedUser", _LISTED)))
_INTERACTION: Final = Named("Interaction", whole(item_id=ID, type=TEXT, timestamp=INSTANT))
_USER: Final = Named("User", written(Profile, recent=array(_INTERACTION, maxItems=_RECENT)))
_CONSENT: Final = Named("Consent", whole(personalization=FLAG))
_STORED: Final = Named("Stored", whole(stored=WHOLE))
_ERASED: Final = Named(
    "Erasure",
    whole(
        events=WHOLE,
        mentions=WHOLE,
        rejected=WHOLE,
        kept={"type": "object", "additionalProperties": WHOLE},
        scrubbed=FLAG,
        **{"from": array(TEXT)},
    ),
)


@router.post(
    "/v1/users",
    operation_id="describe_user",
    openapi_extra=operation("ingest", body=_DESCRIPTION, result=_STORED, fails=LOGGED),
)
async def post_user(request: Request) -> Response:
    """Add to a person's properties and ties."""
    call = call_of(request)
    body = fields.body_object(await call.body())
    await put_user(call.loop, parse_person(body), body, call.arrival())
    return answer({"stored": 1})


@router.get(
    "/v1/users",
    operation_id="list_users",
    openapi_extra=operation("read", query=_PAGE, result=_USERS, fails=(404,)),
)
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


@router.get(
    "/v1/users/{user_id}",
    operation_id="get_user",
    openapi_extra=operation("read", query=_WHOSE, result=_USER, fails=(404,)),
)
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
    operation_id="get_user_value",
    openapi_extra=operation("read", query=_VALUED, result=_VALUE, fails=(404, 409)),
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
    operation_id="put_user_consent",
    openapi_extra=operation("admin", query=_WHOSE, body=_CONSENT, result=_CONSENT, fails=LOGGED),
)
async def put_user_consent(request: Request) -> Response:
    """Opt a person out of personalisation, or in again, from the next answer on."""
    call = call_of(request)
    body = fields.body_object(await call.body())
    await put_consent(call.loop, _person(call), body, call.arrival())
    return answer({"personalization": body["personalization"]})


@router.delete(
    "/v1/users/{user_id}",
    operation_id="erase_user",
    openapi_extra=operation("admin", query=_WHOSE, result=_ERASED, fails=LOGGED),
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
