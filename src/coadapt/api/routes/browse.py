"""List what is similar to an item, or popular."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import (
    COUNT,
    FALLBACK,
    FLAG,
    ID,
    NUMBER,
    TIME,
    Named,
    array,
    operation,
    record,
    whole,
)
from coadapt.api.paging import instant_parameter, whole_parameter
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain.query_parsing import MAX_COUNT, parse_as_of
from coadapt.serving.similar import similar
from coadapt.serving.trending import trending

router = APIRouter(route_class=ScopedRoute)

_LIST: Final = array(Named("ScoredItem", whole(item_id=ID, score=NUMBER)))
_SIMILAR: Final = Named("SimilarItems", whole(items=_LIST, fallback=FALLBACK))
_TRENDING: Final = Named("TrendingItems", record(("items",), items=_LIST, replay=FLAG))


@router.get(
    "/v1/items/{item_id}/similar",
    operation_id="similar_items",
    openapi_extra=operation("recommend", query={"count": COUNT}, result=_SIMILAR, fails=(404,)),
)
async def get_similar(request: Request) -> Response:
    """List the items most like one, popular ones where nothing serves that knows it."""
    call = call_of(request)
    count = whole_parameter(request, "count", 10, MAX_COUNT, low=1)
    found = await similar(call.loop, call.project, call.path_id("item_id"), call.now_ms, count)
    return answer({"items": _pairs(found.items), "fallback": found.fallback})


@router.get(
    "/v1/trending",
    operation_id="trending_items",
    openapi_extra=operation("recommend", query={"count": COUNT, "as_of": TIME}, result=_TRENDING),
)
async def get_trending(request: Request) -> Response:
    """List the items of most recent interest; `as_of` needs replay = true."""
    call = call_of(request)
    count = whole_parameter(request, "count", 10, MAX_COUNT, low=1)
    given = instant_parameter(request, "as_of")
    as_of = parse_as_of(given, call.asked())
    found = await asyncio.to_thread(trending, call.loop, call.project, as_of, count)
    content = {"items": _pairs(found)}
    return answer(content if given is None else content | {"replay": True})


def _pairs(items: list[tuple[str, float]]) -> list[dict[str, Any]]:
    """Return items with their scores as JSON."""
    return [{"item_id": item_id, "score": score} for item_id, score in items]
