"""List what is similar to an item, or popular."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import COUNT, FREE, TIME, operation, record
from coadapt.api.paging import whole_parameter
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain.query_parsing import MAX_COUNT, parse_as_of
from coadapt.serving.similar import similar
from coadapt.serving.trending import trending

router = APIRouter(route_class=ScopedRoute)

_ITEMS = record(("items",), items={"type": "array", "items": FREE})


@router.get(
    "/v1/items/{item_id}/similar",
    openapi_extra=operation("recommend", path=("item_id",), query={"count": COUNT}, result=_ITEMS),
)
async def get_similar(request: Request) -> Response:
    """List the items most like one, popular ones where nothing serves that knows it."""
    call = call_of(request)
    count = whole_parameter(request, "count", 10, MAX_COUNT, low=1)
    found = await similar(call.loop, call.project, call.path_id("item_id"), call.now_ms, count)
    return answer({"items": _pairs(found.items), "fallback": found.fallback})


@router.get(
    "/v1/trending",
    openapi_extra=operation("recommend", query={"count": COUNT, "as_of": TIME}, result=_ITEMS),
)
async def get_trending(request: Request) -> Response:
    """List the items of most recent interest."""
    call = call_of(request)
    count = whole_parameter(request, "count", 10, MAX_COUNT, low=1)
    as_of = parse_as_of(_instant(request), call.asked())
    found = await asyncio.to_thread(trending, call.loop, call.project, as_of, count)
    return answer({"items": _pairs(found)})


def _instant(request: Request) -> str | int | None:
    """Return the instant that a query string names: digits are milliseconds."""
    text = request.query_params.get("as_of")
    return int(text) if text and text.isdecimal() and len(text) < 19 else text


def _pairs(items: list[tuple[str, float]]) -> list[dict[str, Any]]:
    """Return items with their scores as JSON."""
    return [{"item_id": item_id, "score": score} for item_id, score in items]
