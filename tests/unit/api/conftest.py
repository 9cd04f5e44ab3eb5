"""The HTTP service in this process, over a loop in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from coadapt.api.app import create_app
from coadapt.serving.loop import Loop, assemble
from coadapt.serving.rules import ProjectRules
from coadapt.settings import Settings
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore

NOW_MS = 1_795_300_000_000
SCOPES = ("ingest", "recommend", "read", "admin")


class Client:
    """Send requests to a service without a network."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def request(self, method: str, path: str, **parts: Any) -> Response:
        return asyncio.run(self._request(method, path, **parts))

    def get(self, path: str, **parts: Any) -> Response:
        return self.request("GET", path, **parts)

    def post(self, path: str, **parts: Any) -> Response:
        return self.request("POST", path, **parts)

    def put(self, path: str, **parts: Any) -> Response:
        return self.request("PUT", path, **parts)

    def delete(self, path: str, **parts: Any) -> Response:
        return self.request("DELETE", path, **parts)

    async def _request(self, method: str, path: str, **parts: Any) -> Response:
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **parts)


KEYS = [
    {
        "name": f"{project}-{scope}",
        "scope": scope,
        "project": project,
        "key": f"{project}-{scope}-0123456789",
    }
    for project in ("shop", "other")
    for scope in SCOPES
]


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    rules = {"past": ProjectRules(is_replay=True)}
    store, runs = SqlEventStore("sqlite://"), FileRunStore(tmp_path)
    loop = assemble(store, MemoryFeatureStore(), runs, rules)
    yield loop
    loop.close()


def client_of(loop: Loop, **settings: object) -> Client:
    app = create_app(loop, Settings.model_validate(settings), now_ms=lambda: NOW_MS)
    return Client(app)


@pytest.fixture
def client(loop: Loop) -> Client:
    return client_of(loop)


@pytest.fixture
def keyed(loop: Loop) -> Client:
    return client_of(loop, keys=KEYS)


@pytest.fixture
def app(keyed: Client) -> FastAPI:
    return keyed.app


@pytest.fixture
def small(loop: Loop) -> Callable[[int], Client]:
    """Return a service that takes bodies up to so many bytes."""
    return lambda n_bytes: client_of(loop, limits={"max_body_bytes": n_bytes})
