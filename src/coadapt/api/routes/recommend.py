"""Recommend, and rank what is given."""

from __future__ import annotations

import math
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import (
    COUNT,
    FALLBACK,
    FLAG,
    FREE,
    ID,
    INSTANT,
    LOGGED,
    NULLABLE_TEXT,
    NUMBER,
    TEXT,
    TIME,
    WHOLE,
    Named,
    array,
    operation,
    record,
    whole,
    written,
)
from coadapt.api.routing import Call, ScopedRoute, call_of
from coadapt.domain import fields
from coadapt.domain.query_parsing import FILTERS, PRICES, parse_query, parse_rank_query
from coadapt.domain.slates import Reason, Slate, SlateItem
from coadapt.serving.recommend import recommend

router = APIRouter(route_class=ScopedRoute)

_IDS: Final = array(ID, maxItems=fields.MAX_LIST)
_ONE_OR_SEVERAL: Final = {"oneOf": [ID, _IDS]}
_PRICE: Final = {"type": "number", "minimum": 0}
_CLOSED: Final = {"additionalProperties": False}
_FILTER: Final = Named(
    "ItemFilter",
    {
        **record((), **dict.fromkeys(FILTERS, _ONE_OR_SEVERAL), **dict.fromkeys(PRICES, _PRICE)),
        **_CLOSED,
    },
)
_ASKED: Final = {
    "user_id": ID,
    "anonymous_id": ID,
    "surface": ID,
    "context": FREE,
    "history": _IDS,
    "exclude_item_ids": _IDS,
    "filter": _FILTER,
    "explain": FLAG,
    "as_of": TIME,
}
_QUESTION: Final = Named("Question", {**record((), **_ASKED, count=COUNT), **_CLOSED})
_RANK_IDS: Final = array(ID, minItems=1, maxItems=fields.MAX_LIST)
_RANK_QUESTION: Final = Named(
    "RankQuestion", {**record(("item_ids",), item_ids=_RANK_IDS, **_ASKED), **_CLOSED}
)
_PLACE: Final = Named(
    "SlateItem",
    whole(
        item_id=ID,
        position={"type": "integer", "minimum": 1},
        score={"type": ["number", "null"], "description": "null: the run does not know the item"},
        propensity={"type": "number", "description": "Its probability here, given those above"},
        reasons=array(Named("Reason", written(Reason))),
    ),
)
_ALWAYS: Final = whole(
    recommendation_id=ID,
    items=array(_PLACE),
    pipeline=TEXT,
    policy=TEXT,
    policy_version=TEXT,
    run=NULLABLE_TEXT,
    experiments=array(Named("Assignment", whole(key=ID, arm=ID))),
    fallback=FALLBACK,
    degraded=FLAG,
    as_of=INSTANT,
    log_position=WHOLE,
    took_ms=NUMBER,
)
_SLATE: Final = Named("Slate", {**_ALWAYS, "properties": {**_ALWAYS["properties"], "replay": FLAG}})


@router.post(
    "/v1/recommend",
    operation_id="recommend",
    openapi_extra=operation("recommend", body=_QUESTION, result=_SLATE, fails=LOGGED),
)
async def post_recommend(request: Request) -> Response:
    """Answer anyone with a slate, recorded with its propensities."""
    call = call_of(request)
    query = parse_query(await call.body(), call.asked())
    slate = await recommend(call.loop, query, call.now_ms)
    return answer(_slate(slate, call))


@router.post(
    "/v1/rank",
    operation_id="rank",
    openapi_extra=operation("recommend", body=_RANK_QUESTION, result=_SLATE, fails=LOGGED),
)
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
