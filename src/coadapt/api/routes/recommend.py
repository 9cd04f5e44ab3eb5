"""Recommend, and rank what is given."""

from __future__ import annotations

import math
from typing import Any

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import COUNT, FREE, ID, TIME, operation, record
from coadapt.api.routing import Call, ScopedRoute, call_of
from coadapt.domain.query_parsing import parse_query, parse_rank_query
from coadapt.domain.slates import Slate, SlateItem
from coadapt.serving.recommend import recommend

router = APIRouter(route_class=ScopedRoute)

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
_QUERY = record((), **_ASKED, count=COUNT, exclude_item_ids=_IDS, filter=FREE)
_RANK_QUERY = record(
    ("item_ids",), **_ASKED, item_ids={**_IDS, "minItems": 1}, exclude_item_ids=_IDS, filter=FREE
)
_SLATE = record(
    ("recommendation_id", "items", "pipeline", "policy", "fallback", "degraded", "took_ms"),
    recommendation_id=ID,
    items={"type": "array", "items": FREE},
)


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
