import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from coadapt.stores.files import FileRunStore
from tests.service.conftest import Server, add_pipeline

Serve = Callable[..., Server]


@pytest.fixture
def shop(serve: Serve, trained_runs: Path) -> Any:
    reference = add_pipeline(trained_runs)
    with serve(runs=trained_runs).client() as client:
        client.post(f"/v1/pipelines/{reference}/promote").raise_for_status()
        yield client


def slate(client: httpx.Client, user_id: str) -> list[str]:
    answer = client.post("/v1/recommend", json={"user_id": user_id, "count": 5}).json()
    return [item["item_id"] for item in answer["items"]]


def view(client: httpx.Client, user_id: str, item_id: str) -> None:
    event = {"type": "page_view", "user_id": user_id, "item_id": item_id}
    client.post("/v1/events", json=event).raise_for_status()


def known_items(runs: Path) -> list[str]:
    store = FileRunStore(runs)
    files = store.open(store.runs()[0].run_id)
    return list(json.loads(files["vocabulary.json"].read_text()))


def test_one_event_changes_the_next_greedy_answer_in_the_same_second(
    shop: httpx.Client, trained_runs: Path
) -> None:
    first, second = known_items(trained_runs)[:2]
    view(shop, "anna", first)
    before, started = slate(shop, "anna"), time.monotonic()
    view(shop, "anna", second)
    assert slate(shop, "anna") != before
    assert time.monotonic() - started < 1


def test_without_an_event_the_greedy_answer_stays_the_same(
    shop: httpx.Client, trained_runs: Path
) -> None:
    view(shop, "ben", known_items(trained_runs)[0])
    assert slate(shop, "ben") == slate(shop, "ben")


def test_everything_is_there_again_after_a_restart(serve: Serve, trained_runs: Path) -> None:
    reference = add_pipeline(trained_runs)
    server = serve(runs=trained_runs)
    with server.client() as client:
        client.post(f"/v1/pipelines/{reference}/promote").raise_for_status()
        view(client, "cleo", known_items(trained_runs)[0])
        before = slate(client, "cleo")
    server.stop()
    with server.start().client() as client:
        assert slate(client, "cleo") == before


def test_a_corrupt_run_is_refused_and_the_old_one_serves_on(
    serve: Serve, trained_runs: Path, tmp_path: Path
) -> None:
    reference = add_pipeline(trained_runs)
    broken = add_pipeline(trained_runs, "epsilon_greedy", recommender="2026-none")
    with serve(runs=trained_runs).client() as client:
        client.post(f"/v1/pipelines/{reference}/promote").raise_for_status()
        assert client.post(f"/v1/pipelines/{broken}/promote").status_code in {404, 409}
        assert client.post("/v1/recommend", json={}).json()["pipeline"] == reference


def test_a_rollback_lets_the_one_before_serve_again(serve: Serve, trained_runs: Path) -> None:
    first, second = add_pipeline(trained_runs), add_pipeline(trained_runs)
    with serve(runs=trained_runs).client() as client:
        client.post(f"/v1/pipelines/{first}/promote").raise_for_status()
        client.post(f"/v1/pipelines/{second}/promote").raise_for_status()
        assert client.post("/v1/rollback").json() == {"champion": first}
