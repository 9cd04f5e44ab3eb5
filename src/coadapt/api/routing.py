"""Route on the raw path, admit callers by scope, and measure every answer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from coadapt.api.bodies import read_json
from coadapt.api.errors import answer_to, error_answer
from coadapt.api.keys import PUBLIC, Caller, caller_of
from coadapt.api.meters import Meters
from coadapt.domain import fields
from coadapt.domain.errors import CoadaptError, StoreLostError
from coadapt.domain.events import DEFAULT_PROJECT
from coadapt.domain.parsing import Arrival
from coadapt.domain.query_parsing import Asked
from coadapt.serving.loop import Loop
from coadapt.serving.retrain import Retrainer
from coadapt.settings import Settings

CLIENT_GONE: Final = 499
"""The status under which requests are measured whose sender left before the end; none is sent."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what every route needs; `now_ms` is the clock."""

    loop: Loop
    settings: Settings
    meters: Meters
    now_ms: Callable[[], int]
    retrainer: Retrainer | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one admitted request."""

    request: Request
    caller: Caller
    around: Surroundings
    started_s: float
    now_ms: int

    @property
    def loop(self) -> Loop:
        """Return the loop."""
        return self.around.loop

    @property
    def project(self) -> str:
        """Return the project that the request is for."""
        return self.caller.project or DEFAULT_PROJECT

    @property
    def took_ms(self) -> float:
        """Return the milliseconds since the request came."""
        return round((time.perf_counter() - self.started_s) * 1e3, 3)

    async def body(self) -> Any:
        """Return the decoded body. Raises as `read_json`."""
        return await read_json(self.request, self.around.settings.limits.max_body_bytes)

    def arrival(self) -> Arrival:
        """Say when and where events of this request arrive."""
        return Arrival(
            received_at=self.now_ms,
            new_id=self.loop.new_id,
            project=self.caller.project,
            is_bound=self.caller.is_bound,
            is_replay=self.loop.live.rules(self.project).is_replay,
        )

    def asked(self) -> Asked:
        """Say when and for which project a question of this request is asked."""
        return Asked(self.now_ms, self.project, self.loop.live.rules(self.project).is_replay)

    def path_id(self, name: str) -> str:
        """Return an id of the raw path. Raises InvalidInputError."""
        try:
            text = unquote(self.request.path_params[name], errors="strict")
        except UnicodeDecodeError:
            raise fields.invalid(name, "must be percent-encoded UTF-8") from None
        return fields.identifier(text, name)


Endpoint = Callable[[Request], Awaitable[Response]]


class ScopedRoute(APIRoute):
    """Call an endpoint for callers of the scope that its operation declares.

    `openapi_extra` holds it as `x-scope`; a route without one admits nobody.
    """

    @property
    def scope_name(self) -> str | None:
        """Return the declared scope."""
        return (self.openapi_extra or {}).get("x-scope")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler: admit, call, measure."""
        endpoint: Endpoint = self.endpoint
        scope = self.scope_name
        path = self.path

        async def handle(request: Request) -> Response:
            started_s = time.perf_counter()
            around: Surroundings = request.app.state.around
            if scope is None:
                return error_answer("forbidden", "this route declares no scope", None, 403)
            status = 500
            try:
                caller = caller_of(request, around.settings.keys, scope)
                if scope != PUBLIC:
                    _refuse_lost(around.loop)
                request.state.call = Call(request, caller, around, started_s, around.now_ms())
                response = await endpoint(request)
                status = response.status_code
            except CoadaptError as error:
                response = answer_to(error)
                status = response.status_code
            except ClientDisconnect:
                status = CLIENT_GONE
                response = Response(status_code=status)
            finally:
                around.meters.observe(path, status, time.perf_counter() - started_s)
            return response

        return handle


def _refuse_lost(loop: Loop) -> None:
    """Raise StoreLostError once another server has the log: nothing known here is up to date."""
    if isinstance(loop.store.fault, StoreLostError):
        raise loop.store.fault


def call_of(request: Request) -> Call:
    """Return the admitted call of a request."""
    call: Call = request.state.call
    return call


class RawPath:
    """Let routes match the path as it was sent, so that `a%2Fb` is one id and not two parts.

    Requests for a fixed path go straight to its handler: the framework's search and its layers take
    longer than a single event does.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute] = ()) -> None:
        self._app = app
        self._handlers = {
            (method, route.path): route.get_route_handler()
            for route in routes
            if isinstance(route, ScopedRoute) and not route.param_convertors
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a fixed path, and pass others on with their undecoded path."""
        if scope["type"] != "http" or not scope.get("raw_path"):
            await self._app(scope, receive, send)
            return
        raw_path = scope["raw_path"].split(b"?", 1)[0].decode("latin-1")
        handle = self._handlers.get((scope["method"], raw_path))
        if handle is None:
            await self._app({**scope, "path": raw_path}, receive, send)
            return
        response = await handle(Request(scope, receive, send))
        await response(scope, receive, send)
