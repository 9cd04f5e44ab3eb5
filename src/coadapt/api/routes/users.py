"""Say who people are, what they agreed to, what is stored, and erase them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import FREE, ID, listing, operation, record
from coadapt.api.paging import PAGE_PARAMETERS, page_of
from coadapt.api.routing import Call, ScopedRoute, call_of
from coadapt.domain import fields
from coadapt.domain.errors import NotFoundError
from coadapt.domain.queries import Person
from coadapt.domain.query_parsing import parse_person
from coadapt.serving.describe import put_consent, put_user
from coadapt.serving.erase import erase

router = APIRouter(route_class=ScopedRoute)

_RECENT: Final = 50
_ID_TYPES: Final = ("user_id", "anonymous_id")
_WHOSE: Final = {"id_type": {"type": "string", "enum": list(_ID_TYPES), "default": "user_id"}}
_PAGE: Final = {**PAGE_PARAMETERS, "segment": {"type": "string"}}
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
    if "segment" in request.query_params:
        raise NotFoundError("no value model serves, so nobody has a segment", field="segment")
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
