from typing import Any

import pytest

PATHS = ["/v1/events", "/v1/recommend", "/v1/rank", "/v1/items", "/v1/users"]

CORRUPT = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b'{"type": NaN}',
    b'{"user_id": "u", "type": "a", "value": 1e999}',
    b'{"user_id": "u", "type": "a", "value": -Infinity}',
    b'{"user_id": "\\ud800", "type": "a"}',
    b'{"user_id": "\\u0000", "type": "a"}',
    b'{"user_id": "\xff", "type": "a"}',
    b"\xef\xbb\xbf{}",
    b"\x00",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"user_id": "u", "type": "a", "value": ' + b"9" * 5_000 + b"}",
    b'{"user_id": "u", "type": "a", "timestamp": ' + b"9" * 400 + b"}",
    b'{"user_id": "u", "type": "a", "value": 1e308, "context": {"a": [[[[' + b"[" * 40 + b"]" * 44,
    b'{"events": {"a": 1}}',
    b'{"events": [null, 1, "a", []]}',
    b'{"events": [{"type": {"a": 1}, "user_id": []}]}',
    b'{"user_id": true, "count": "many", "item_ids": 1, "items": 1, "properties": 1}',
    b'{"count": 1e400}',
    b'{"item_ids": [null], "items": [null], "properties": [], "follows": [1]}',
    b'{"user_id": "u", "filter": {"category": [[1]]}, "item_ids": ["a"], "as_of": "x"}',
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", CORRUPT)
def test_a_corrupt_body_is_the_clients_fault_and_says_where(
    client: Any, path: str, body: bytes
) -> None:
    answer = client.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code < 500
    assert answer.status_code == 200 or answer.json()["field"]


def test_a_repeated_name_is_decided_by_its_last_value(client: Any) -> None:
    body = b'{"type": "a", "user_id": "u", "item_id": "x", "item_id": "y"}'
    client.post("/v1/events", content=body, headers={"content-type": "application/json"})
    assert client.get("/v1/trending").json()["items"][0]["item_id"] == "y"


def test_a_body_without_a_type_is_refused_as_any_page_may_have_it_sent(client: Any) -> None:
    answer = client.post("/v1/events", content=b'{"type": "a", "user_id": "u"}')
    assert (answer.status_code, answer.json()["field"]) == (415, "header.content-type")
