import asyncio
from typing import Any
from urllib.parse import quote

import pytest

IDS = ["a/value", "a%2Fvalue", "🛍️", "a?b=c", "a b", "名", "a#b", "%", ".hidden"]


@pytest.mark.parametrize("user_id", IDS)
def test_any_id_can_be_in_a_path(client: Any, user_id: str) -> None:
    client.post("/v1/users", json={"user_id": user_id, "properties": {"a": 1}})
    answer = client.get(f"/v1/users/{quote(user_id, safe='')}")
    assert answer.json()["user_id"] == user_id


def test_dots_are_an_id_like_any_other(client: Any) -> None:
    client.put("/v1/items/%2E%2E", json={"title": "Dots"})
    assert client.get("/v1/items/%2E%2E").json()["title"] == "Dots"


@pytest.mark.parametrize("path", ["/v1/users/%FF", "/v1/users/a%00b", "/v1/items/" + "x" * 257])
def test_a_broken_id_in_a_path_is_refused(client: Any, path: str) -> None:
    assert client.get(path).status_code == 422


def test_what_is_not_there_is_told_in_the_form_of_every_error(client: Any) -> None:
    answer = client.get("/v1/nothing")
    assert (answer.status_code, sorted(answer.json())) == (404, ["code", "field", "message"])


def test_another_method_is_refused(client: Any) -> None:
    assert client.delete("/v1/events").json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("query", ["", "?dry_run=true", "?project=shop"])
def test_a_query_does_not_hide_a_fixed_path(client: Any, query: str) -> None:
    event = {"type": "like", "user_id": "anna", "item_id": "tea"}
    assert client.post(f"/v1/events{query}", json=event).json()["accepted"] == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=-1", "limit=٣"])
def test_a_page_has_limits(client: Any, query: str) -> None:
    assert client.get(f"/v1/events/rejected?{query}").status_code == 422


def test_a_path_with_a_slash_too_many_is_not_found(client: Any) -> None:
    answer = client.post("/v1/events/", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_who_leaves_during_an_upload_causes_no_failure(
    client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[Any] = []
    parts = iter(
        [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(parts)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/events", "query_string": b""}
    headers = [(b"content-type", b"application/json")]
    asyncio.run(client.app({**scope, "headers": headers}, receive, send))
    assert (sent[0]["status"], caplog.records) == (499, [])
