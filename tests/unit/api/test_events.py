from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

VIEW = {"type": "page_view", "user_id": "anna", "item_id": "tea", "event_id": "e1"}


def test_a_single_event_is_accepted_once(client: Any) -> None:
    first, second = (client.post("/v1/events", json=VIEW) for _ in range(2))
    assert (first.status_code, first.json()["accepted"]) == (200, 1)
    assert (second.status_code, second.json()["duplicate"]) == (200, 1)


def test_a_conflicting_event_is_told(client: Any) -> None:
    client.post("/v1/events", json=VIEW)
    answer = client.post("/v1/events", json=VIEW | {"value": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_an_invalid_event_is_told_by_field(client: Any) -> None:
    answer = client.post("/v1/events", json=VIEW | {"value": "s3cret"})
    assert (answer.status_code, answer.json()["field"]) == (422, "value")
    assert "s3cret" not in answer.text


def test_a_batch_with_a_bad_event_keeps_the_good_ones(client: Any) -> None:
    batch = {"events": [VIEW, VIEW | {"event_id": "e2", "value": True}]}
    answer = client.post("/v1/events", json=batch).json()
    assert (answer["accepted"], answer["rejected"][0]["index"]) == (1, 1)


@pytest.mark.parametrize("n_events", [0, 1001])
def test_a_batch_has_one_to_a_thousand_events(client: Any, n_events: int) -> None:
    assert client.post("/v1/events", json={"events": [VIEW] * n_events}).status_code == 400


def test_a_dry_run_stores_nothing(client: Any) -> None:
    answer = client.post("/v1/events?dry_run=true", json={"events": [VIEW, {}]}).json()
    assert (answer["accepted"], len(answer["rejected"])) == (1, 1)
    assert client.get("/v1/events/rejected").json()["rejected"] == []


def test_a_large_body_is_refused_by_its_declared_length(
    small: Callable[[int], Any],
) -> None:
    assert small(50).post("/v1/events", json=VIEW).status_code == 413


def test_a_large_body_is_refused_while_it_streams(small: Callable[[int], Any]) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b" " * 30
        yield b" " * 30

    headers = {"content-type": "application/json"}
    assert small(50).post("/v1/events", content=parts(), headers=headers).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_only_plain_json_is_read(client: Any, headers: dict[str, str]) -> None:
    assert client.post("/v1/events", content=b"{}", headers=headers).status_code == 415


def test_refused_events_come_in_pages(client: Any) -> None:
    client.post("/v1/events", json={"events": [{"type": "x"}] * 3})
    first = client.get("/v1/events/rejected?limit=2").json()
    second = client.get(f"/v1/events/rejected?limit=2&cursor={first['next_cursor']}").json()
    assert (len(first["rejected"]), len(second["rejected"])) == (2, 1)
    assert second["next_cursor"] is None


def test_a_replaying_project_takes_old_events(client: Any) -> None:
    old = VIEW | {"timestamp": 5}
    assert client.post("/v1/events", json=old).status_code == 422
    assert client.post("/v1/events?project=past", json=old).status_code == 200
