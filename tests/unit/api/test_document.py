"""The document is one that a client can be generated from."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from coadapt.api.app import ROUTERS
from coadapt.api.document import document
from coadapt.domain.query_parsing import FILTERS, PRICES

DOCUMENT = document([route for router in ROUTERS for route in router.routes])
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    pytest.param(said, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, said in methods.items()
]


def parts_of(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for each in part.values() if isinstance(part, dict) else part:
        if isinstance(each, dict | list):
            yield from parts_of(each)


def called(name: str) -> dict[str, Any]:
    return next(each.values[0] for each in OPERATIONS if each.values[0]["operationId"] == name)


def answer_of(name: str, status: str = "200") -> Any:
    return called(name)["responses"][status]["content"]


def fields_of(name: str) -> set[str]:
    return set(SCHEMAS[name]["properties"])


def test_every_reference_leads_to_a_schema() -> None:
    used = {part["$ref"] for part in parts_of(DOCUMENT) if "$ref" in part}
    assert used == {f"#/components/schemas/{name}" for name in SCHEMAS}


def test_no_object_with_fields_stands_outside_the_components() -> None:
    assert [part for part in parts_of(DOCUMENT["paths"]) if "properties" in part] == []


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [each.values[0]["operationId"] for each in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", name) for name in names)
    assert {"recommend", "send_events", "get_user_value", "erase_user", "get_ready"} <= set(names)


@pytest.mark.parametrize("said", OPERATIONS)
def test_an_operation_says_what_it_does_and_where_it_belongs(said: dict[str, Any]) -> None:
    (tag,) = said["tags"]
    assert tag in [each["name"] for each in DOCUMENT["tags"]]
    assert said["description"].endswith(".")


@pytest.mark.parametrize("said", OPERATIONS)
def test_an_operation_succeeds_in_one_way(said: dict[str, Any]) -> None:
    assert len([status for status in said["responses"] if status < "300"]) == 1


@pytest.mark.parametrize("said", OPERATIONS)
def test_only_what_reads_a_body_can_refuse_one(said: dict[str, Any]) -> None:
    is_refusable = {"400", "413", "415"} <= set(said["responses"])
    assert is_refusable == ("requestBody" in said)


def test_what_the_path_names_is_required() -> None:
    first = called("get_item")["parameters"][0]
    assert (first["name"], first["in"], first["required"]) == ("item_id", "path", True)


def test_the_service_is_described_and_found() -> None:
    assert len(DOCUMENT["info"]["description"]) > 100
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]


def test_a_training_is_only_ever_accepted() -> None:
    assert "200" not in called("start_training")["responses"]
    assert "202" in called("start_training")["responses"]


def test_metrics_are_plain_text_and_nothing_else() -> None:
    assert list(answer_of("get_metrics")) == ["text/plain"]


@pytest.mark.parametrize(
    ("name", "is_logged"), [("send_events", True), ("erase_user", True), ("get_user", False)]
)
def test_what_writes_to_the_log_can_leave_state_behind(name: str, is_logged: bool) -> None:
    assert ("500" in called(name)["responses"]) == is_logged
    assert ("507" in called(name)["responses"]) == is_logged


def test_a_filter_lists_its_names() -> None:
    assert fields_of("ItemFilter") == {*FILTERS, *PRICES}
    assert SCHEMAS["ItemFilter"]["additionalProperties"] is False


@pytest.mark.parametrize("name", ["Event", "UserDescription"])
def test_one_of_both_ids_is_needed(name: str) -> None:
    needed = [{"required": ["user_id"]}, {"required": ["anonymous_id"]}]
    assert SCHEMAS[name]["allOf"] == [{"anyOf": needed}]
    assert {"user_id", "anonymous_id"} <= fields_of(name)


def test_the_head_of_an_answer_has_no_content() -> None:
    assert "content" not in called("head_live")["responses"]["200"]


def test_a_slate_has_the_fields_that_are_documented(client: Any) -> None:
    client.post("/v1/events", json={"type": "page_view", "user_id": "ben", "item_id": "tea"})
    slate = client.post("/v1/recommend", json={"user_id": "anna"}).json()
    assert set(slate) == fields_of("Slate") - {"replay"}
    assert set(slate["items"][0]) == fields_of("SlateItem")


def test_a_user_has_the_fields_that_are_documented(client: Any) -> None:
    client.post("/v1/events", json={"type": "page_view", "user_id": "ben", "item_id": "tea"})
    assert set(client.get("/v1/users/ben").json()) == fields_of("User")


def test_a_pipeline_has_the_fields_that_are_documented(client: Any, loop: Any) -> None:
    loop.runs.add_pipeline("shop", {"recommender": "r"})
    listed = client.get("/v1/pipelines").json()
    assert set(listed) == fields_of("Pipelines")
    assert set(listed["described"][0]) == fields_of("Pipeline")


def test_health_has_no_field_that_is_not_documented(client: Any) -> None:
    assert set(client.get("/health/ready").json()) <= fields_of("Health")
