"""The document says what the checks hold."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coadapt.api.documentation import ID, listing, operation, record
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


def test_what_the_path_names_is_required_and_what_follows_it_is_not() -> None:
    parameters = operation("read", path=("item_id",), query={"count": {}})["parameters"]
    required = {part["name"]: (part["in"], part["required"]) for part in parameters}
    assert required == {
        "item_id": ("path", True),
        "count": ("query", False),
        "project": ("query", False),
    }


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


def test_every_failure_has_the_same_form() -> None:
    responses = operation("read")["responses"]
    failures = [schema_of(answer) for status, answer in responses.items() if status >= "400"]
    assert len(failures) > 5
    assert all(failure == failures[0] for failure in failures)
    assert failures[0]["required"] == ["code", "message", "field"]


def test_a_page_may_be_the_last() -> None:
    page = listing("users", ID)
    assert page["properties"]["users"]["items"] == ID
    assert page["properties"]["next_cursor"]["type"] == ["string", "null"]


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_operations_on_one_path_are_documented_apart(client: Any, method: str) -> None:
    item = client.get("/openapi.json").json()["paths"]["/v1/items/{item_id}"]
    assert item[method]["x-scope"] == ("read" if method == "get" else "ingest")
