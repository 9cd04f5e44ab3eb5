"""List runs and pipelines, start trainings, promote and roll back."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import ID, listing, operation, record
from coadapt.api.paging import PAGE_PARAMETERS, page_of, paged
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain.errors import NotFoundError
from coadapt.serving.promote import promote, rollback
from coadapt.serving.visible import visible_pipelines, visible_run, visible_runs

router = APIRouter(route_class=ScopedRoute)

_PROMOTED = record(("champion",), champion=ID)


@router.post("/v1/runs", openapi_extra=operation("admin", status=202))
async def post_run(request: Request) -> Response:
    """Start a training of the project's configured method; its run goes live if it holds up."""
    call = call_of(request)
    retrainer = call.around.retrainer
    if retrainer is None:
        raise NotFoundError("no [projects.<name>.retrain] is configured", field="project")
    await asyncio.to_thread(retrainer.start, call.project)
    return answer({"status": "started"}, 202)


@router.get(
    "/v1/runs", openapi_extra=operation("admin", query=PAGE_PARAMETERS, result=listing("runs"))
)
async def get_runs(request: Request) -> Response:
    """List runs, newest first, and how the last training ended; a key sees no other project's."""
    call = call_of(request)
    page = page_of(request)
    found = await asyncio.to_thread(visible_runs, call.loop, call.caller.bound_to)
    content = paged("runs", [asdict(manifest) for manifest in found], page)
    retrainer = call.around.retrainer
    state = None if retrainer is None else retrainer.state(call.project)
    return answer({**content, "training": state})


@router.get("/v1/runs/{run_id}", openapi_extra=operation("admin", path=("run_id",)))
async def get_run(request: Request) -> Response:
    """Return one run's manifest."""
    call = call_of(request)
    asked = (call.loop, call.caller.bound_to, call.path_id("run_id"))
    return answer(asdict(await asyncio.to_thread(visible_run, *asked)))


@router.get(
    "/v1/pipelines",
    openapi_extra=operation("admin", query=PAGE_PARAMETERS, result=listing("pipelines")),
)
async def get_pipelines(request: Request) -> Response:
    """List pipelines, oldest first, with the one that serves and the one that should.

    A key sees no other project's.
    """
    call = call_of(request)
    page = page_of(request)
    found = await asyncio.to_thread(visible_pipelines, call.loop, call.caller.bound_to)
    champion = await asyncio.to_thread(call.loop.runs.alias, call.project)
    live = call.loop.live.references().get(call.project)
    return answer({**paged("pipelines", found, page), "champion": champion, "live": live})


@router.post(
    "/v1/pipelines/{pipeline_id}/promote",
    openapi_extra=operation("admin", path=("pipeline_id",), result=_PROMOTED),
)
async def post_promotion(request: Request) -> Response:
    """Let a pipeline serve from the next question on; the old one stays if it cannot."""
    call = call_of(request)
    name = call.path_id("pipeline_id")
    return answer({"champion": await asyncio.to_thread(promote, call.loop, call.project, name)})


@router.post("/v1/rollback", openapi_extra=operation("admin", result=_PROMOTED))
async def post_rollback(request: Request) -> Response:
    """Let what served before serve again."""
    call = call_of(request)
    return answer({"champion": await asyncio.to_thread(rollback, call.loop, call.project)})
