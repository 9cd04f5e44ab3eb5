"""Speak to the service over HTTP as a shop does, and measure every answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpx

from coadapt.cli._play.gauges import Gauges
from coadapt.domain.errors import OverloadedError

BATCH: Final = 1_000
TIMEOUT_S: Final = 30.0
READY_LIMIT_S: Final = 30.0

JSON = dict[str, Any]


class ShopClient:
    """Call the service; what fails is counted, and answered by nothing.

    Use as an async context manager.
    """

    def __init__(self, url: str, gauges: Gauges) -> None:
        self.gauges = gauges
        limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
        self._http = httpx.AsyncClient(
            base_url=url, timeout=TIMEOUT_S, limits=limits, trust_env=False
        )

    async def __aenter__(self) -> ShopClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def wait_until_ready(self) -> None:
        """Return when the service says that all is well. Raises OverloadedError."""
        deadline_s = time.monotonic() + READY_LIMIT_S
        while time.monotonic() < deadline_s:
            answer = await self._call("GET", "/health/ready")
            if answer is not None and answer["status"] == "ready":
                return
            await asyncio.sleep(0.1)
        raise OverloadedError("the service does not become ready; see service.log")

    async def put_items(self, items: Sequence[JSON]) -> None:
        """Describe the catalogue."""
        for first in range(0, len(items), BATCH):
            await self._call("POST", "/v1/items", {"items": items[first : first + BATCH]})

    async def recommend(self, person: JSON, count: int, project: str | None = None) -> JSON | None:
        """Ask for a slate."""
        started_s = time.perf_counter()
        body = {**person, "count": count, "surface": "home"}
        slate = await self._call("POST", "/v1/recommend", body, project)
        if slate is not None:
            self.gauges.n_recommendations += 1
            self.gauges.latencies_ms.append((time.perf_counter() - started_s) * 1e3)
        return slate

    async def trending(self, count: int) -> list[str]:
        """Ask for what is popular now."""
        answer = await self._call("GET", f"/v1/trending?count={count}")
        return [] if answer is None else [item["item_id"] for item in answer["items"]]

    async def send(self, events: Iterable[JSON], project: str | None = None) -> None:
        """Send events; each refused one counts as an error."""
        receipt = await self._call("POST", "/v1/events", {"events": list(events)}, project)
        if receipt is not None:
            self.gauges.n_events += receipt["accepted"]
            self.gauges.n_errors += len(receipt["rejected"])

    async def _call(
        self, method: str, path: str, body: JSON | None = None, project: str | None = None
    ) -> JSON | None:
        """Return the decoded answer, None if there is none or it is an error."""
        url = path if project is None else f"{path}?project={project}"
        try:
            response = await self._http.request(method, url, json=body)
            if response.is_success:
                content: JSON = response.json()
                return content
        except httpx.HTTPError:
            pass
        self.gauges.n_errors += 1
        return None
