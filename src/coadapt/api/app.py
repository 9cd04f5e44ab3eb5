"""Put the HTTP service together."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.routing import BaseRoute

from coadapt.api.bodies import answer
from coadapt.api.document import TITLE, document
from coadapt.api.errors import install_error_handlers
from coadapt.api.meters import Meters
from coadapt.api.routes import browse, events, items, operations, recommend, runs, users
from coadapt.api.routing import RawPath, Surroundings
from coadapt.serving.loop import Loop
from coadapt.serving.retrain import Retrainer
from coadapt.settings import Settings

ROUTERS: Final = tuple(
    each.router for each in (events, recommend, browse, items, users, runs, operations)
)
"""The routes of every resource."""


def create_app(
    loop: Loop,
    settings: Settings,
    *,
    retrainer: Retrainer | None = None,
    now_ms: Callable[[], int] | None = None,
) -> FastAPI:
    """Return the service over a loop; `now_ms` replaces the clock (epoch milliseconds)."""
    app = FastAPI(
        title=TITLE,
        openapi_url=None,  # ours is made from what the routes declare
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Reads the environment with every request; `/metrics` is ours.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    clock = now_ms or _clock_ms
    app.state.around = Surroundings(loop, settings, Meters(loop), clock, retrainer)
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    routes = [route for router in ROUTERS for route in router.routes]
    app.add_route("/openapi.json", _document_of(routes), include_in_schema=False)
    app.add_middleware(RawPath, routes=routes)
    return app


def _document_of(routes: Sequence[BaseRoute]) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers with the OpenAPI document of the routes."""
    content = document(routes)

    async def get_document(_: Request) -> Response:
        return answer(content)

    return get_document


def _clock_ms() -> int:
    """Read the clock."""
    return time.time_ns() // 1_000_000
