"""Recommend, rank, and list what is similar or popular."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import FREE, ID, TIME, operation, record
from coadapt.api.paging import whole_parameter
from coadapt.api.routing import Call, ScopedRoute, call_of
from coadapt.domain.query_parsing import MAX_COUNT, parse_as_of, parse_query, parse_rank_query
from coadapt.domain.slates import Slate, SlateItem
from coadapt.serving.recommend import recommend
from coadapt.serving.similar import similar
from coadapt.serving.trending import trending

router = APIRouter(route_class=ScopedRoute)

_COUNT = {"type": "integer", "minimum": 1, "maximum": MAX_COUNT, "default": 10}
_IDS = {"type": "array", "items": ID, "maxItems": 1_000}
_ASKED = {
    "user_id": ID,
    "anonymous_id": ID,
    "surface": ID,
    "context": FREE,
    "history": _IDS,
    "explain": {"type": "boolean"},
    "as_of": TIME,
}
_QUERY = record((), **_ASKED, count=_COUNT, exclude_item_ids=_IDS, filter=FREE)
_RANK_QUERY = record(
    ("item_ids",), **_ASKED, item_ids={**_IDS, "minItems": 1}, exclude_item_ids=_IDS, filter=FREE
)
_SLATE = record(
    ("recommendation_id", "items", "pipeline", "policy", "fallback", "degraded", "took_ms"),
    recommendation_id=ID,
    items={"type": "array", "items": FREE},
)
_ITEMS = record(("items",), items={"type": "array", "items": FREE})


@router.post("/v1/recommend", openapi_extra=operation("recommend", body=_QUERY, result=_SLATE))
async def post_recommend(request: Request) -> Response:
    """Answer anyone with a slate, recorded with its propensities."""
    call = call_of(request)
    query = parse_query(await call.body(), call.asked())
    slate = await recommend(call.loop, query, call.now_ms)
    return answer(_slate(slate, call))


@router.post("/v1/rank", openapi_extra=operation("recommend", body=_RANK_QUERY, result=_SLATE))
async def post_rank(request: Request) -> Response:
    """Order the given items for a person, recorded with propensities.

    Items that may not be shown are left out: retired, unavailable, excluded, outside the filter.
    """
    call = call_of(request)
    query = parse_rank_query(await call.body(), call.asked())
    slate = await recommend(call.loop, query, call.now_ms)
    return answer(_slate(slate, call))


@router.get(
    "/v1/items/{item_id}/similar",
    openapi_extra=operation("recommend", path=("item_id",), query={"count": _COUNT}, result=_ITEMS),
)
async def get_similar(request: Request) -> Response:
    """List the items most like one, popular ones where nothing serves that knows it."""
    call = call_of(request)
    count = whole_parameter(request, "count", 10, MAX_COUNT, low=1)
    found = await similar(call.loop, call.project, call.path_id("item_id"), call.now_ms, count)
    return answer({"items": _pairs(found.items), "fallback": found.fallback})


@router.get(
    "/v1/trending",
    openapi_extra=operation("recommend", query={"count": _COUNT, "as_of": TIME}, result=_ITEMS),
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


def _slate(slate: Slate, call: Call) -> dict[str, Any]:
    """Return a slate as JSON."""
    content = {
        "recommendation_id": slate.recommendation_id,
        "items": [_item(item) for item in slate.items],
        "pipeline": slate.pipeline,
        "policy": slate.policy,
        "policy_version": slate.policy_version,
        "run": slate.run,
        "experiments": [],
        "fallback": slate.fallback,
        "degraded": slate.degraded,
        "as_of": slate.as_of,
        "log_position": slate.log_position,
        "took_ms": call.took_ms,
    }
    return content | {"replay": True} if slate.is_replay else content


def _item(item: SlateItem) -> dict[str, Any]:
    """Return one place of a slate as JSON; an item without a score has null."""
    return {
        "item_id": item.item_id,
        "position": item.position,
        "score": None if math.isnan(item.score) else item.score,
        "propensity": item.propensity,
        "reasons": item.reasons,
    }
