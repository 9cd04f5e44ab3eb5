"""A real service forecasts what people will spend, from every event it acknowledged."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from coadapt.domain.durations import DAY_MS
from coadapt.stores.files import FileRunStore
from coadapt.training.kinds import parse_any_config, train_any
from coadapt.training.preparing import Surroundings
from tests.service.conftest import Server, wait_for

Serve = Callable[..., Server]

NAME = "anna-4711-of-the-shop"
CONFIG = {
    "kind": "value",
    "data": {
        "source": "synthetic",
        "options": {"n_users": 200, "n_items": 60, "n_events": 6000, "n_days": 200},
    },
    "training": {"n_bootstrap": 2},
    "currencies": {"rates": {"EUR": 1.0, "USD": 0.5}},
}


@pytest.fixture
def method() -> dict[str, Any]:
    """Return the value model to train."""
    return {"name": "rfm", "options": {"min_examples": 20}}


@pytest.fixture
def runs(trained_runs: Path, tmp_path: Path, method: dict[str, Any]) -> Path:
    """Return a folder with a recommender, a value run, and a champion of both."""
    folder = tmp_path / "shop"
    shutil.copytree(trained_runs, folder)
    store = FileRunStore(folder)
    recommender = next(run.run_id for run in store.runs() if run.kind == "recommender")
    config = parse_any_config({**CONFIG, "value": method}, "test")
    value = train_any(config, store, Surroundings(time.time_ns() // 10**6))
    pipeline = {"name": "both", "recommender": recommender, "value": value.run_id}
    store.set_alias("default", store.add_pipeline("both", pipeline))
    return folder


@pytest.fixture
def server(serve: Serve, runs: Path) -> Server:
    return serve(runs=runs)


@pytest.fixture
def client(server: Server) -> Any:
    with server.client() as client:
        yield client


def buy(client: httpx.Client, user_id: str, value: float = 20.0, **fields: Any) -> None:
    event = {"type": "purchase", "user_id": user_id, "item_id": "tea", "value": value, **fields}
    client.post("/v1/events", json=event).raise_for_status()


def value(client: httpx.Client, user_id: str, **asked: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/users/{user_id}/value", params=asked)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def lasting(told: dict[str, Any]) -> dict[str, Any]:
    """Return what a restart may not change: all but the instant and what decays with it."""
    kept = ("events_seen", "segment", "run", "currency", "prior")
    return {**{name: told[name] for name in kept}, "spend": round(told["expected_spend"], 2)}


@pytest.mark.parametrize("method", [{"name": "bg_nbd"}])
def test_every_acknowledged_event_is_in_the_next_answer(client: httpx.Client) -> None:
    buy(client, NAME, timestamp=time.time_ns() // 10**6 - 20 * DAY_MS)
    told = [value(client, NAME)]
    for _ in range(20):
        buy(client, NAME)
        told.append(value(client, NAME))
    spends = [each["expected_spend"] for each in told]
    assert [each["events_seen"] for each in told] == list(range(1, 22))
    assert all(later > earlier for earlier, later in pairwise(spends))


def test_a_purchase_changes_the_forecast_in_the_same_second(client: httpx.Client) -> None:
    buy(client, NAME, 5.0)
    before, started = value(client, NAME)["expected_spend"], time.monotonic()
    buy(client, NAME, 400.0, currency="USD")
    after = value(client, NAME)
    assert after["expected_spend"] != before
    assert time.monotonic() - started < 1
    assert after["currency"] == "EUR"


def test_after_a_restart_the_answers_are_the_same(server: Server, client: httpx.Client) -> None:
    for name in ("anna", "ben", "x/value"):
        buy(client, name)
    before = [lasting(value(client, name)) for name in ("anna", "ben", "x%2Fvalue")]
    server.stop()
    with server.start().client() as again:
        assert [lasting(value(again, who)) for who in ("anna", "ben", "x%2Fvalue")] == before


def test_after_a_power_cut_the_answers_are_the_same(server: Server, client: httpx.Client) -> None:
    buy(client, "anna")
    buy(client, "anna", 50.0)
    before = lasting(value(client, "anna"))
    server.kill()
    with server.start().client() as again:
        assert lasting(value(again, "anna")) == before


def test_a_start_with_a_snapshot_goes_on_from_it(server: Server, client: httpx.Client) -> None:
    buy(client, "anna")
    server.stop()
    assert list((server.runs / "state").rglob("snapshot.json"))
    with server.start().client() as again:
        buy(again, "anna")
        assert value(again, "anna")["events_seen"] == 2


def test_an_erased_person_has_the_prior_and_leaves_no_byte(
    server: Server, client: httpx.Client
) -> None:
    buy(client, NAME)
    server.stop()
    with server.start().client() as again:
        again.delete(f"/v1/users/{NAME}").raise_for_status()
        assert value(again, NAME)["prior"]
    server.stop()
    files = [path for path in server.folder.rglob("*") if path.is_file()]
    assert not any(NAME.encode() in path.read_bytes() for path in files)
    with server.start().client() as last:
        assert value(last, NAME)["prior"]


def test_users_of_a_segment_are_listed(client: httpx.Client) -> None:
    for name in ("anna", "ben", "cem"):
        buy(client, name)
    first = client.get("/v1/users", params={"segment": "new", "limit": 2}).json()
    asked = {"segment": "new", "limit": 2, "cursor": first["next_cursor"]}
    rest = client.get("/v1/users", params=asked).json()
    assert [user["user_id"] for user in first["users"] + rest["users"]] == ["anna", "ben", "cem"]
    assert rest["next_cursor"] is None


def test_people_in_memory_and_their_bytes_are_told(client: httpx.Client) -> None:
    buy(client, "anna", currency="JPY")
    assert wait_for(lambda: client.get("/health/ready").json()["value"]["users"] == 1)
    metrics = client.get("/metrics").text
    assert 'coadapt_value_users{project="default"} 1.0' in metrics
    assert 'coadapt_value_refused_events_total{label="currency",project="default"} 1.0' in metrics


def test_the_past_can_be_asked_for_where_replay_is_on(serve: Serve, runs: Path) -> None:
    now_ms = time.time_ns() // 10**6
    with serve(runs=runs, settings="[projects.default]\nreplay = true").client() as client:
        buy(client, "anna", timestamp=now_ms - 20 * DAY_MS)
        buy(client, "anna", timestamp=now_ms - 5 * DAY_MS)
        then = value(client, "anna", as_of=now_ms - 10 * DAY_MS)
    assert (then["events_seen"], then["replay"]) == (1, True)
    assert then["as_of"] == now_ms - 10 * DAY_MS


def test_the_past_is_refused_where_replay_is_off(client: httpx.Client) -> None:
    answer = client.get("/v1/users/anna/value", params={"as_of": 1_700_000_000_000})
    assert (answer.status_code, answer.json()["field"]) == (403, "as_of")


def test_without_a_value_model_the_answer_says_so(serve: Serve, trained_runs: Path) -> None:
    with serve(runs=trained_runs).client() as client:
        answer = client.get("/v1/users/anna/value")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_value_model")
