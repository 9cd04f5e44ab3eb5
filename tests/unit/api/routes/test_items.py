"""Items are described, read back and retired over HTTP."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.unit.api.conftest import NOW_MS

WHOLE = {
    "title": "Tea 名",
    "description": "",
    "category": "drinks/hot",
    "brand": "🛍️",
    "price": 0,
    "currency": "EUR",
    "tags": ["a", "b"],
    "image_url": "https://x/y?z",
    "embedding": [0.5, -1],
    "available": True,
    "available_from": 5,
    "available_until": "2030-01-01T00:00:00Z",
    "host_id": "h",
    "created_at": NOW_MS,
    "properties": {"a": [1, {"b": None}]},
}


def shown(client: Any) -> list[str]:
    answer = client.post("/v1/recommend", json={"user_id": "new"}).json()
    return [item["item_id"] for item in answer["items"]]


def refusal(client: Any, items: Any) -> tuple[int, str]:
    answer = client.post("/v1/items", json={"items": items})
    return answer.status_code, answer.json()["field"]


def test_every_attribute_comes_back(client: Any) -> None:
    client.put("/v1/items/tea", json=WHOLE)
    stored = client.get("/v1/items/tea").json()
    assert stored == {"item_id": "tea", **WHOLE, "available_until": 1_893_456_000_000}


def test_null_is_the_same_as_nothing_said(client: Any) -> None:
    client.put("/v1/items/tea", json={"title": None, "price": 3})
    assert client.get("/v1/items/tea").json() == {"item_id": "tea", "price": 3}


@pytest.mark.parametrize("item_id", ["a/b", "🛍️", "a%2Fb", "..", "similar"])
def test_any_id_can_be_described_and_retired(client: Any, item_id: str) -> None:
    path = f"/v1/items/{quote(item_id, safe='').replace('.', '%2E')}"
    client.put(path, json={"title": "x"})
    assert client.get(path).json()["item_id"] == item_id
    client.delete(path)
    assert client.get(path).status_code == 404


def test_of_two_descriptions_in_one_list_the_last_holds(client: Any) -> None:
    items = [{"item_id": "tea", "price": 1}, {"item_id": "tea", "price": 2}]
    assert client.post("/v1/items", json={"items": items}).json() == {"stored": 2}
    assert client.get("/v1/items/tea").json()["price"] == 2


@pytest.mark.parametrize("items", [None, {}, "tea", [{}] * 1_001])
def test_what_is_no_list_of_items_is_refused(client: Any, items: Any) -> None:
    assert refusal(client, items) == (422, "items")


@pytest.mark.parametrize("item", ["tea", None, []])
def test_what_is_no_item_in_a_list_is_refused(client: Any, item: Any) -> None:
    assert refusal(client, [{"item_id": "cup"}, item]) == (422, "items[1]")


def test_of_many_items_the_wrong_one_is_named(client: Any) -> None:
    items: list[dict[str, Any]] = [{"item_id": f"i{n}", "price": 1} for n in range(901)]
    items[500]["price"] = -1
    answer = client.post("/v1/items", json={"items": items}).json()
    assert (answer["code"], answer["field"]) == ("invalid_price", "items[500].price")
    assert client.put("/v1/items/tea", json={"price": -1}).json()["field"] == "price"


def test_of_many_items_the_one_with_an_unknown_attribute_is_named(client: Any) -> None:
    items = [{"item_id": "cup"}, {"item_id": "tea", "colour": "red"}]
    assert refusal(client, items) == (422, "items[1]")


def test_an_items_time_cannot_end_before_it_begins(client: Any) -> None:
    window = {"available_from": NOW_MS, "available_until": NOW_MS - 1}
    answer = client.put("/v1/items/tea", json=window)
    assert (answer.status_code, answer.json()["field"]) == (422, "available_until")


@pytest.mark.parametrize("item_id", [None, "", 7, "a\nb", "x" * 257])
def test_an_item_needs_an_id(client: Any, item_id: Any) -> None:
    assert refusal(client, [{"item_id": item_id}]) == (422, "items[0].item_id")


def test_an_unknown_attribute_is_refused_with_those_there_are(client: Any) -> None:
    answer = client.put("/v1/items/tea", json={"colour_s3cret": "red"})
    assert (answer.status_code, answer.json()["field"]) == (422, "item")
    assert "available_until" in answer.json()["message"]
    assert "s3cret" not in answer.text


def test_an_item_is_shown_only_in_its_time(client: Any) -> None:
    client.put("/v1/items/now", json={"available_from": NOW_MS, "available_until": NOW_MS + 1})
    client.put("/v1/items/past", json={"available_until": NOW_MS - 1})
    client.put("/v1/items/future", json={"available_from": NOW_MS + 1})
    assert shown(client) == ["now"]


def test_a_retired_item_that_is_described_again_is_back(client: Any) -> None:
    client.put("/v1/items/tea", json={"title": "old"})
    client.delete("/v1/items/tea")
    assert shown(client) == []
    client.put("/v1/items/tea", json={"title": "new"})
    assert shown(client) == ["tea"]


def test_retiring_what_nobody_described_is_no_error(client: Any) -> None:
    assert client.delete("/v1/items/none").json() == {"stored": 1}


def test_projects_describe_the_same_item_apart(client: Any) -> None:
    client.put("/v1/items/tea?project=a", json={"price": 1})
    client.put("/v1/items/tea?project=b", json={"price": 2})
    assert client.get("/v1/items/tea?project=a").json()["price"] == 1
    assert client.get("/v1/items/tea").status_code == 404
