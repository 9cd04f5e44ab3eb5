"""The document says what the checks hold."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coadapt.api.documentation import (
    ERROR,
    FREE,
    ID,
    LOGGED,
    listing,
    operation,
    record,
    written,
)
from coadapt.api.keys import PUBLIC
from coadapt.domain import fields
from coadapt.domain.errors import InvalidInputError


def is_an_id(text: str) -> bool:
    try:
        return fields.identifier(text, "user_id") == text
    except InvalidInputError:
        return False


def documented_as_id(text: str) -> bool:
    return (
        ID["minLength"] <= len(text) <= ID["maxLength"]
        and re.search(ID["pattern"], text) is not None
    )


def schema_of(answer: dict[str, Any]) -> Any:
    return answer["content"]["application/json"]["schema"]


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\x7f\x9f\xa0"))


@example("x" * 256)
@example("x" * 257)
@given(ANY_TEXT | ANY_TEXT.map(lambda text: text * 99))
def test_an_id_is_documented_as_it_is_checked(text: str) -> None:
    assert documented_as_id(text) == is_an_id(text)


def test_what_follows_the_path_is_not_required() -> None:
    parameters = operation("read", query={"count": {}})["parameters"]
    assert [(part["name"], part["required"]) for part in parameters] == [
        ("count", False),
        ("project", False),
    ]


def test_a_body_is_documented_only_where_one_is_read() -> None:
    assert "requestBody" not in operation("read")
    assert operation("ingest", body=record())["requestBody"]["required"]


def test_an_answer_may_be_plain_text() -> None:
    done = operation("read", result=None)["responses"]["200"]
    assert list(done["content"]) == ["text/plain"]


def test_another_status_of_success_replaces_the_usual_one() -> None:
    responses = operation("admin", status=202)["responses"]
    assert "202" in responses
    assert "200" not in responses


@pytest.mark.parametrize(
    ("described", "statuses"),
    [
        (operation("read"), {401, 403, 422, 503}),
        (operation("ingest", body=FREE), {400, 401, 403, 413, 415, 422, 503}),
        (operation("admin", fails=(409, *LOGGED)), {401, 403, 409, 422, 500, 503, 507}),
        (operation(PUBLIC), {403, 422, 503}),
    ],
)
def test_an_operation_fails_only_as_it_can(described: Any, statuses: set[int]) -> None:
    assert {int(status) for status in described["responses"]} - {200} == statuses


def test_every_failure_has_the_same_form() -> None:
    failures = [operation("read")["responses"][status] for status in ("401", "422", "503")]
    assert all(schema_of(failure) is ERROR for failure in failures)


@dataclass(frozen=True)
class Note:
    """Say a thing
    over two lines."""

    text: str
    parts: tuple[int, ...] = ()
    why: str | None = None


def test_a_dataclass_is_documented_with_all_that_it_always_has() -> None:
    assert written(Note, more={"type": "boolean"}) == {
        "type": "object",
        "description": "Say a thing over two lines.",
        "required": ["text", "parts", "why", "more"],
        "properties": {
            "text": {"type": "string"},
            "parts": {"type": "array", "items": {"type": "integer"}},
            "why": {"type": ["string", "null"]},
            "more": {"type": "boolean"},
        },
    }


def test_a_page_may_be_the_last() -> None:
    page = listing("users", ID)
    assert page["properties"]["users"]["items"] == ID
    assert page["properties"]["next_cursor"]["type"] == ["string", "null"]


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_operations_on_one_path_are_documented_apart(client: Any, method: str) -> None:
    item = client.get("/openapi.json").json()["paths"]["/v1/items/{item_id}"]
    assert item[method]["x-scope"] == ("read" if method == "get" else "ingest")
