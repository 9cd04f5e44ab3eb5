"""Say how the service is doing."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from coadapt.api.bodies import answer
from coadapt.api.documentation import operation
from coadapt.api.keys import PUBLIC
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.serving.loop import Loop

router = APIRouter(route_class=ScopedRoute)


@router.head("/health/live", openapi_extra=operation(PUBLIC))
@router.get("/health/live", openapi_extra=operation(PUBLIC))
async def get_live(_: Request) -> Response:
    """Say that the process answers."""
    return answer({"status": "live"})


@router.head("/health/ready", openapi_extra=operation(PUBLIC))
@router.get("/health/ready", openapi_extra=operation(PUBLIC))
async def get_ready(request: Request) -> Response:
    """Say whether all is well: `ready`, or `degraded` with the projects that fall back.

    `unscrubbed_erasures` counts those whose bytes a long read of the files still holds; `value`
    says of how many people a forecast's state is in memory, and what one takes at most.
    """
    return answer(await asyncio.to_thread(_readiness, call_of(request).loop))


@router.get("/metrics", openapi_extra=operation("read", result=None))
async def get_metrics(request: Request) -> Response:
    """Return counts and times as Prometheus text; a key sees the counts of its own project."""
    call = call_of(request)
    text = await asyncio.to_thread(call.around.meters.text, call.caller.bound_to)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _readiness(loop: Loop) -> dict[str, Any]:
    """Return how a loop is doing; it may have to wait for a value model that is folding."""
    faults = loop.faults()
    states = list(loop.valuing.states().values())
    is_well = loop.journal.is_level and not faults
    return {
        "status": "ready" if is_well else "degraded",
        "degraded_projects": len(faults),
        "state_is_level": loop.journal.is_level,
        "log_position": loop.features.position,
        "unscrubbed_erasures": loop.store.n_unscrubbed,
        "value": {
            "users": sum(len(state.roster) for state in states),
            "bytes_per_user": max((state.bytes_per_user for state in states), default=0.0),
        },
    }
