"""List runs and pipelines, start trainings, promote and roll back."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import (
    NULLABLE_TEXT,
    TEXT,
    Named,
    array,
    choice,
    listing,
    nullable,
    operation,
    whole,
    written,
)
from coadapt.api.paging import PAGE_PARAMETERS, page_of, paged
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain.errors import NotFoundError
from coadapt.domain.manifests import Manifest
from coadapt.serving.promote import promote, rollback
from coadapt.serving.visible import (
    PipelineNote,
    noted,
    visible_pipeline,
    visible_pipelines,
    visible_run,
    visible_runs,
)

router = APIRouter(route_class=ScopedRoute)

_STARTED: Final = Named("StartedTraining", whole(status=choice("started")))
_TRAINING: Final = Named(
    "Training",
    whole(
        status=choice("running", "promoted", "kept", "failed"),
        run=NULLABLE_TEXT,
        pipeline=NULLABLE_TEXT,
        reason=NULLABLE_TEXT,
    ),
)
_RUN: Final = Named("Run", written(Manifest))
_RUNS: Final = Named("Runs", listing("runs", _RUN, training=nullable(_TRAINING)))
_PIPELINE: Final = Named("Pipeline", written(PipelineNote))
_PIPELINES: Final = Named(
    "Pipelines",
    listing(
        "pipelines",
        TEXT,
        described=array(_PIPELINE),
        champion=NULLABLE_TEXT,
        live=NULLABLE_TEXT,
    ),
)
_PROMOTED: Final = Named("Promotion", whole(champion=TEXT))


@router.post(
    "/v1/runs",
    operation_id="start_training",
    openapi_extra=operation("admin", result=_STARTED, status=202, fails=(404, 409)),
)
async def post_run(request: Request) -> Response:
    """Start a training of the project's configured method; its run goes live if it holds up."""
    call = call_of(request)
    retrainer = call.around.retrainer
    if retrainer is None:
        raise NotFoundError("no [projects.<name>.retrain] is configured", field="project")
    await asyncio.to_thread(retrainer.start, call.project)
    return answer({"status": "started"}, 202)


@router.get(
    "/v1/runs",
    operation_id="list_runs",
    openapi_extra=operation("admin", query=PAGE_PARAMETERS, result=_RUNS),
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


@router.get(
    "/v1/runs/{run_id}",
    operation_id="get_run",
    openapi_extra=operation("admin", result=_RUN, fails=(404, 409)),
)
async def get_run(request: Request) -> Response:
    """Return one run's manifest."""
    call = call_of(request)
    asked = (call.loop, call.caller.bound_to, call.path_id("run_id"))
    return answer(asdict(await asyncio.to_thread(visible_run, *asked)))


@router.get(
    "/v1/pipelines",
    operation_id="list_pipelines",
    openapi_extra=operation("admin", query=PAGE_PARAMETERS, result=_PIPELINES),
)
async def get_pipelines(request: Request) -> Response:
    """List pipelines, oldest first, with the one that serves and the one that should.

    `described` says of each what it is: its runs, its policy, and whether it serves. A key sees no
    other project's.
    """
    call = call_of(request)
    page = page_of(request)
    found = await asyncio.to_thread(visible_pipelines, call.loop, call.caller.bound_to)
    champion = await asyncio.to_thread(call.loop.runs.alias, call.project)
    live = call.loop.live.references().get(call.project)
    content = paged("pipelines", found, page)
    described = await asyncio.to_thread(noted, call.loop, content["pipelines"], call.project)
    return answer({**content, "described": described, "champion": champion, "live": live})


@router.get(
    "/v1/pipelines/{pipeline_id}",
    operation_id="get_pipeline",
    openapi_extra=operation("admin", result=_PIPELINE, fails=(404,)),
)
async def get_pipeline(request: Request) -> Response:
    """Say what a pipeline is, by its name the newest version; a key sees no other project's."""
    call = call_of(request)
    asked = (call.loop, call.caller.bound_to, call.path_id("pipeline_id"))
    reference = await asyncio.to_thread(visible_pipeline, *asked)
    (note,) = await asyncio.to_thread(noted, call.loop, [reference], call.project)
    return answer(note)


@router.post(
    "/v1/pipelines/{pipeline_id}/promote",
    operation_id="promote_pipeline",
    openapi_extra=operation("admin", result=_PROMOTED, fails=(404, 409, 507)),
)
async def post_promotion(request: Request) -> Response:
    """Let a pipeline serve from the next question on; the old one stays if it cannot."""
    call = call_of(request)
    name = call.path_id("pipeline_id")
    return answer({"champion": await asyncio.to_thread(promote, call.loop, call.project, name)})


@router.post(
    "/v1/rollback",
    operation_id="rollback",
    openapi_extra=operation("admin", result=_PROMOTED, fails=(404, 409, 507)),
)
async def post_rollback(request: Request) -> Response:
    """Let what served before serve again."""
    call = call_of(request)
    return answer({"champion": await asyncio.to_thread(rollback, call.loop, call.project)})
