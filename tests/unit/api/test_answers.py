from typing import Any

import pytest

from coadapt.domain.errors import OverloadedError, StoreFullError
from coadapt.serving.loop import Loop


def view(user_id: str, item_id: str) -> dict[str, str]:
    return {"type": "page_view", "user_id": user_id, "item_id": item_id}


def test_anyone_gets_an_answer_that_says_what_it_is(client: Any) -> None:
    client.post("/v1/events", json=view("ben", "tea"))
    answer = client.post("/v1/recommend", json={"user_id": "anna", "count": 1}).json()
    assert [item["item_id"] for item in answer["items"]] == ["tea"]
    assert (answer["fallback"], answer["experiments"]) == ("popular", [])


def test_ranking_orders_the_given_items(client: Any) -> None:
    client.post("/v1/events", json=view("ben", "tea"))
    answer = client.post("/v1/rank", json={"item_ids": ["cup", "tea"]}).json()
    assert [item["position"] for item in answer["items"]] == [1, 2]
    assert answer["items"][0]["item_id"] == "tea"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/recommend", {"userId": "anna"}),
        ("/v1/recommend", {"user_id": "anna", "policy": {}}),
        ("/v1/recommend", {"user_id": "anna", "item_ids": ["tea"]}),
        ("/v1/rank", {"item_ids": ["tea"], "exclude": []}),
    ],
)
def test_a_field_that_a_question_does_not_have_is_refused(
    client: Any, path: str, body: dict[str, Any]
) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_field")
    assert answer.json()["field"] in body


def test_a_question_names_its_project_beside_itself(client: Any) -> None:
    client.post("/v1/events?project=other", json=view("ben", "tea"))
    refused = client.post("/v1/recommend", json={"user_id": "anna", "project": "other"})
    assert (refused.status_code, refused.json()["field"]) == (422, "project")
    asked = client.post("/v1/recommend?project=other", json={"user_id": "anna"}).json()
    assert [item["item_id"] for item in asked["items"]] == ["tea"]


def test_a_count_that_is_none_is_told_what_one_is(client: Any) -> None:
    answer = client.post("/v1/recommend", json={"count": "2"}).json()
    assert answer["message"] == "must be a whole number from 1 to 1000"


def test_a_replayed_answer_says_so(client: Any) -> None:
    path = "/v1/recommend?project=past"
    answer = client.post(path, json={"as_of": "2020-01-01T00:00:00Z"}).json()
    assert (answer["replay"], answer["as_of"]) == (True, 1_577_836_800_000)


def test_an_instant_needs_a_replaying_project(client: Any) -> None:
    assert client.post("/v1/recommend", json={"as_of": 5}).status_code == 403
    assert client.get("/v1/trending?as_of=5").status_code == 403


def test_what_was_popular_then_is_told_as_a_replay(client: Any) -> None:
    event = {"type": "like", "user_id": "anna", "item_id": "tea", "timestamp": 1_000}
    client.post("/v1/events?project=past", json=event)
    then = client.get("/v1/trending?project=past&as_of=1000").json()
    assert (then["items"][0]["item_id"], then["replay"]) == ("tea", True)
    assert client.get("/v1/trending?project=past&as_of=999").json() == {"items": [], "replay": True}
    assert "replay" not in client.get("/v1/trending?project=past").json()


@pytest.mark.parametrize("as_of", ["yesterday", "-1", "1e9", "9" * 19, "9" * 5_000, "٣"])
@pytest.mark.parametrize("path", ["/v1/trending", "/v1/users/anna/value"])
def test_what_is_no_instant_is_named(client: Any, path: str, as_of: str) -> None:
    answer = client.get(path, params={"project": "past", "as_of": as_of})
    assert (answer.status_code, answer.json()["field"]) == (422, "as_of")


def test_items_like_one_that_nobody_ever_named_are_not_found(client: Any) -> None:
    assert client.get("/v1/items/none/similar").status_code == 404


def test_an_overloaded_service_says_when_to_come_back(
    client: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(events: object) -> None:
        raise OverloadedError("too much", retry_after_s=3)

    monkeypatch.setattr(loop.store, "append", refuse)
    answer = client.post("/v1/events", json=view("a", "b"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")


def test_a_full_disk_is_told(client: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(events: object) -> None:
        raise StoreFullError("the disk is full")

    monkeypatch.setattr(loop.store, "append", refuse)
    assert client.post("/v1/events", json=view("a", "b")).status_code == 507


def test_an_unforeseen_failure_tells_nothing(
    client: Any, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop.store, "append", None)
    answer = client.post("/v1/events", json=view("a", "b"))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "NoneType" not in answer.text


def test_the_service_is_ready(client: Any) -> None:
    assert client.get("/health/ready").json()["status"] == "ready"


def test_a_project_that_cannot_serve_what_it_should_is_degraded(client: Any, loop: Loop) -> None:
    loop.live.fail("default", "invalid_run")
    assert client.get("/health/ready").json()["status"] == "degraded"


def test_metrics_count_events_and_answers(client: Any) -> None:
    client.post("/v1/events", json=view("a", "b"))
    text = client.get("/metrics").text
    assert 'coadapt_events_total{label="accepted",project="default"} 1.0' in text
    assert 'coadapt_request_seconds_count{route="/v1/events",status="200"} 1.0' in text


def test_the_document_names_every_path(client: Any) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/events", "/v1/recommend", "/v1/users/{user_id}", "/v1/runs"} <= set(paths)


@pytest.mark.parametrize("path", ["/v1/rollback", "/v1/pipelines/none/promote", "/v1/runs"])
def test_what_is_not_there_cannot_be_promoted(client: Any, path: str) -> None:
    assert client.post(path).status_code == 404


def test_a_run_that_is_not_there_is_not_found(client: Any) -> None:
    assert client.get("/v1/runs/2026-none").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("POST", "/v1/recommend", "context"),
        ("POST", "/v1/rank", "context"),
        ("POST", "/v1/users", "properties"),
        ("PUT", "/v1/items/tea", "properties"),
    ],
)
def test_a_free_field_has_a_limit(client: Any, method: str, path: str, field: str) -> None:
    free = {f"k{n}": "x" * 9_999 for n in range(7)}
    named = {"/v1/rank": {"item_ids": ["tea"]}, "/v1/users": {"user_id": "anna"}}
    answer = client.request(method, path, json={**named.get(path, {}), field: free})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["code"] == "too_large"
