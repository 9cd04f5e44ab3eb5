"""Say how the service is doing."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from coadapt.api.bodies import answer
from coadapt.api.documentation import HEALTH, operation
from coadapt.api.keys import PUBLIC
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain.errors import StoreError, StoreLostError
from coadapt.serving.loop import Loop

router = APIRouter(route_class=ScopedRoute)

_HEALTH: Final = operation(PUBLIC, result=HEALTH)


@router.head("/health/live", openapi_extra=_HEALTH)
@router.get("/health/live", openapi_extra=_HEALTH)
async def get_live(request: Request) -> Response:
    """Say that the process answers; 503 once another server has its log, so that it is ended."""
    is_lost = isinstance(call_of(request).loop.store.fault, StoreLostError)
    return answer({"status": "lost"}, 503) if is_lost else answer({"status": "live"})


@router.head("/health/ready", openapi_extra=_HEALTH)
@router.get("/health/ready", openapi_extra=_HEALTH)
async def get_ready(request: Request) -> Response:
    """Say whether all is well: `ready`, or `degraded` with the projects that fall back and why.

    `store` is `ok`, or the code of why the log cannot be read or written; `not_ready` (503) says
    that another server has it. Without keys `faults` has the reason of each project.
    `unscrubbed_erasures` counts those whose bytes a long read of the files still holds; `value`
    says of how many people a forecast's state is in memory, and what one takes at most.
    """
    call = call_of(request)
    readiness = await asyncio.to_thread(_readiness, call.loop)
    if not call.around.settings.keys:
        readiness["faults"] = call.loop.faults()
    return answer(readiness, 503 if readiness["status"] == "not_ready" else 200)


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
    fault = _store_fault(loop)
    is_well = loop.journal.is_level and not faults and fault is None
    is_lost = isinstance(fault, StoreLostError)
    return {
        "status": "not_ready" if is_lost else "ready" if is_well else "degraded",
        "store": "ok" if fault is None else fault.code,
        "degraded_projects": len(faults),
        "state_is_level": loop.journal.is_level,
        "log_position": loop.features.position,
        "unscrubbed_erasures": loop.store.n_unscrubbed,
        "value": {
            "users": sum(len(state.roster) for state in states),
            "bytes_per_user": max((state.bytes_per_user for state in states), default=0.0),
        },
    }


def _store_fault(loop: Loop) -> StoreError | None:
    """Return why the log cannot be read or written, None where it can."""
    try:
        loop.store.check()
    except StoreError as error:
        return error
    return None
