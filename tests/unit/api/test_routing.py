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


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=-1", "limit=٣"])
def test_a_page_has_limits(client: Any, query: str) -> None:
    assert client.get(f"/v1/events/rejected?{query}").status_code == 422
