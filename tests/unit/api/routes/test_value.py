"""People's value and segments over HTTP, and what is answered without a value model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.serving.loop import Loop
from coadapt.serving.promote import add_and_promote
from coadapt.training.kinds import parse_any_config, train_any
from coadapt.training.preparing import Surroundings
from tests.unit.api.conftest import NOW_MS

SHOP = {"n_users": 60, "n_items": 10, "n_events": 2000, "n_days": 120}
DATA = {"source": "synthetic", "options": SHOP}
RECOMMENDER = {"data": DATA, "recommender": {"name": "popularity"}}
VALUE = {
    "kind": "value",
    "data": DATA,
    "value": {"name": "rfm", "options": {"min_examples": 5}},
    "training": {"n_bootstrap": 1},
    "currencies": {"base": "EUR"},
}
SPENT = {"type": "purchase", "user_id": "anna", "item_id": "tea", "value": 5, "currency": "EUR"}


@pytest.fixture(params=["default"])
def valued(loop: Loop, request: pytest.FixtureRequest) -> str:
    """Let a value model serve a project beside a recommender; return its run."""
    configs = (parse_any_config(document, "test") for document in (RECOMMENDER, VALUE))
    around = Surroundings(NOW_MS)
    recommender, value = (train_any(config, loop.runs, around).run_id for config in configs)
    add_and_promote(loop, request.param, {"recommender": recommender, "value": value})
    return value


def test_a_forecast_has_what_the_contract_says(client: Any, valued: str) -> None:
    client.post("/v1/events", json=SPENT)
    told = client.get("/v1/users/anna/value").json()
    assert told == told | {
        "user_id": "anna",
        "as_of": NOW_MS,
        "horizon_days": 30,
        "currency": "EUR",
        "p_purchase_session": None,
        "p_return": None,
        "segment": "new",
        "drivers": None,
        "events_seen": 1,
        "run": valued,
        "prior": False,
        "fallback": None,
        "replay": False,
    }
    assert set(told["quantiles"]) == {"0.05", "0.5", "0.95"}


@pytest.mark.parametrize("name", ["x/value", "..", "名 🛍️"])
def test_any_id_can_be_asked_about(client: Any, valued: str, name: str) -> None:
    client.post("/v1/events", json={**SPENT, "user_id": name})
    path = f"/v1/users/{''.join(f'%{byte:02X}' for byte in name.encode())}/value"
    assert client.get(path).json()["events_seen"] == 1


def test_a_visitor_is_asked_about_by_the_type_of_id(client: Any, valued: str) -> None:
    client.post("/v1/events", json={**SPENT, "user_id": None, "anonymous_id": "v1"})
    asked = client.get("/v1/users/v1/value?id_type=anonymous_id").json()
    assert (asked["events_seen"], client.get("/v1/users/v1/value").json()["prior"]) == (1, True)


def test_who_opted_out_gets_the_prior(client: Any, valued: str) -> None:
    client.post("/v1/events", json=SPENT)
    client.put("/v1/users/anna/consent", json={"personalization": False})
    told = client.get("/v1/users/anna/value").json()
    assert (told["prior"], told["fallback"], told["events_seen"]) == (True, "opted_out", 0)


def test_an_instant_needs_replay(client: Any, valued: str) -> None:
    answer = client.get(f"/v1/users/anna/value?as_of={NOW_MS}")
    assert (answer.status_code, answer.json()["field"]) == (403, "as_of")


@pytest.mark.parametrize("valued", ["past"], indirect=True)
@pytest.mark.parametrize("as_of", [NOW_MS - 5 * DAY_MS, "2026-11-16T22:26:40Z"])
def test_with_replay_the_past_is_asked_about(client: Any, valued: str, as_of: Any) -> None:
    for days_ago in (9, 1):
        event = {**SPENT, "timestamp": NOW_MS - days_ago * DAY_MS}
        client.post("/v1/events?project=past", json=event)
    told = client.get("/v1/users/anna/value", params={"project": "past", "as_of": as_of}).json()
    assert (told["events_seen"], told["replay"]) == (1, True)
    assert told["as_of"] == NOW_MS - 5 * DAY_MS


@pytest.mark.parametrize("as_of", ["yesterday", "-", "1e999", "9" * 400])
@pytest.mark.parametrize("valued", ["past"], indirect=True)
def test_what_is_no_time_is_named(client: Any, valued: str, as_of: str) -> None:
    answer = client.get("/v1/users/anna/value", params={"project": "past", "as_of": as_of})
    assert (answer.status_code, answer.json()["field"]) == (422, "as_of")


def test_users_of_a_segment_are_listed(client: Any, valued: str) -> None:
    client.post("/v1/events", json=SPENT)
    page = client.get("/v1/users?segment=new").json()
    (user,) = page["users"]
    assert (user["user_id"], user["segment"], page["next_cursor"]) == ("anna", "new", None)
    assert client.get("/v1/users?segment=dormant").json()["users"] == []


def test_a_segment_that_there_is_not_is_named(client: Any, valued: str) -> None:
    answer = client.get("/v1/users?segment=rich")
    assert (answer.status_code, answer.json()["field"]) == (422, "segment")


def test_without_a_value_model_there_is_no_forecast(client: Any) -> None:
    answer = client.get("/v1/users/anna/value")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_value_model")


def test_a_failed_model_is_said_to_have_failed(client: Any, loop: Loop, valued: str) -> None:
    state = loop.valuing.get("default")
    assert state is not None
    state.fail()
    answer = client.get("/v1/users/anna/value")
    assert (answer.status_code, answer.json()["code"]) == (503, "valuing_failed")
    assert client.get("/health/ready").json()["status"] == "degraded"


def test_it_is_read_with_the_scope_for_reading(keyed: Any) -> None:
    asked = [
        keyed.get("/v1/users/anna/value", headers={"X-API-Key": f"shop-{scope}-0123456789"})
        for scope in ("ingest", "recommend", "read")
    ]
    assert [answer.status_code for answer in asked] == [403, 403, 404]


@pytest.fixture
def folding(loop: Loop, valued: str) -> Iterator[None]:
    """Keep the value model busy for half a second, as a long fold does."""
    state, is_held = loop.valuing.states()["default"], Event()

    def fold() -> None:
        with state.lock:
            is_held.set()
            time.sleep(0.5)

    busy = Thread(target=fold)
    busy.start()
    is_held.wait()
    yield
    busy.join()


@pytest.mark.parametrize("path", ["/health/ready", "/metrics"])
def test_who_asks_how_a_folding_model_does_keeps_nobody_waiting(
    client: Any, folding: None, path: str
) -> None:
    async def ask() -> bool:
        asked = asyncio.create_task(client._request("GET", path))
        await asyncio.sleep(0)
        await client._request("GET", "/health/live")
        was_first = not asked.done()
        return was_first and (await asked).status_code == 200

    assert asyncio.run(ask())
