"""The service is put together from a loop, settings and a clock."""

import asyncio
import time
from typing import Any

import coadapt
from coadapt.api.app import create_app
from coadapt.serving.loop import Loop
from coadapt.settings import Settings
from tests.unit.api.conftest import NOW_MS, Client

VIEW = {"type": "page_view", "user_id": "anna", "item_id": "tea"}


def last_event(loop: Loop) -> dict[str, Any]:
    return list(loop.store.scan())[-1].to_pylist()[-1]


def test_the_clock_that_is_given_dates_events(client: Any, loop: Loop) -> None:
    client.post("/v1/events", json=VIEW)
    assert (last_event(loop)["timestamp"], last_event(loop)["received_at"]) == (NOW_MS, NOW_MS)


def test_without_a_clock_events_are_dated_now(loop: Loop) -> None:
    before_ms = time.time_ns() // 1_000_000
    Client(create_app(loop, Settings())).post("/v1/events", json=VIEW)
    assert before_ms <= last_event(loop)["timestamp"] <= time.time_ns() // 1_000_000


def test_the_document_has_the_version_of_the_package(client: Any) -> None:
    info = client.get("/openapi.json").json()["info"]
    assert (info["title"], info["version"]) == ("Coadapt", coadapt.__version__)


def test_no_page_loads_scripts_from_elsewhere(client: Any) -> None:
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


def test_two_services_of_one_process_measure_apart(client: Any, loop: Loop) -> None:
    Client(create_app(loop, Settings())).get("/health/live")
    assert 'route="/health/live"' not in client.get("/metrics").text


def test_requests_that_come_together_are_all_answered(client: Any, loop: Loop) -> None:
    async def ask_all() -> list[int]:
        asked = (client._request("POST", "/v1/events", json=VIEW) for _ in range(40))
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert asyncio.run(ask_all()) == [200] * 40
    assert loop.features.position == 40


def test_after_an_unforeseen_failure_the_next_request_is_answered(
    client: Any, loop: Loop, monkeypatch: Any
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(loop.store, "append", None)
        assert client.post("/v1/events", json=VIEW).status_code == 500
    assert client.post("/v1/events", json=VIEW).json()["accepted"] == 1
