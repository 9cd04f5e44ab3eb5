import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from coadapt.api.app import ROUTERS
from coadapt.api.keys import PUBLIC, SCOPES
from coadapt.api.routing import ScopedRoute

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, ScopedRoute)]
CALLS = [(method, route.path, route.scope_name) for route in ROUTES for method in route.methods]
GUARDED = [call for call in CALLS if call[2] != PUBLIC]


def key(scope: str, project: str = "shop") -> dict[str, str]:
    return {"x-api-key": f"{project}-{scope}-0123456789"}


def routes_of(app: FastAPI) -> Iterator[APIRoute]:
    return (route for route in app.routes if isinstance(route, APIRoute))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_route_declares_its_scope(route: ScopedRoute) -> None:
    assert route.scope_name in {*SCOPES, PUBLIC}


def test_the_guide_says_which_scope_each_route_needs() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "serving.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", guide, re.MULTILINE)
    said = {(*each.split(), scope) for scope, text in rows for each in re.findall("`(.+?)`", text)}
    assert said == set(GUARDED)


def test_who_has_no_key_is_told_where_to_send_one(keyed: Any) -> None:
    assert "X-API-Key" in keyed.get("/v1/trending").json()["message"]


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
def test_the_document_says_which_key_each_operation_needs(
    keyed: Any, method: str, path: str, scope: str
) -> None:
    document = keyed.get("/openapi.json").json()
    needed = document["paths"][path][method.lower()]["security"]
    assert needed == ([] if scope == PUBLIC else [{"ApiKey": [scope]}])
    assert document["components"]["securitySchemes"]["ApiKey"]["name"] == "X-API-Key"


def test_every_route_of_the_service_is_scoped(app: FastAPI) -> None:
    assert all(isinstance(route, ScopedRoute) for route in routes_of(app))


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"x-api-key": "名".encode()}])
def test_without_a_known_key_nothing_is_open(
    keyed: Any, method: str, path: str, scope: str, headers: Any
) -> None:
    assert keyed.request(method, path, headers=headers).status_code == 401


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
@pytest.mark.parametrize("other", SCOPES)
def test_a_key_opens_its_scope_and_no_other(
    keyed: Any, method: str, path: str, scope: str, other: str
) -> None:
    status = keyed.request(method, path, headers=key(other)).status_code
    assert (status == 403) == (other != scope)


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
def test_a_key_opens_no_other_project(keyed: Any, method: str, path: str, scope: str) -> None:
    answer = keyed.request(method, f"{path}?project=other", headers=key(scope))
    assert (answer.status_code, answer.json()["field"]) == (403, "project")


def test_an_event_of_another_project_is_refused(keyed: Any) -> None:
    event = {"type": "a", "user_id": "u", "project": "other"}
    assert keyed.post("/v1/events", json=event, headers=key("ingest")).status_code == 403


def test_projects_with_equal_ids_do_not_mix(keyed: Any) -> None:
    event = {"type": "a", "user_id": "u", "item_id": "tea"}
    keyed.post("/v1/events", json=event, headers=key("ingest"))
    assert keyed.get("/v1/users/u", headers=key("read")).status_code == 200
    assert keyed.get("/v1/users/u", headers=key("read", "other")).status_code == 404


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/openapi.json"])
def test_health_needs_no_key(keyed: Any, path: str) -> None:
    assert keyed.get(path).status_code == 200


ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "http://localhost"},
    {"origin": "http://evil.example"},
    {"origin": "http://localhost:3000"},
    {"origin": "null"},
]
HERE = [
    {},
    {"sec-fetch-site": "same-origin", "origin": "http://in.front.of.it"},
    {"sec-fetch-site": "none"},
    {"origin": "http://localhost"},
]
WITHOUT_A_BODY = ["/v1/rollback", "/v1/runs", "/v1/pipelines/shop/promote"]


@pytest.mark.parametrize("path", [*WITHOUT_A_BODY, "/v1/events"])
@pytest.mark.parametrize("headers", ELSEWHERE)
def test_without_keys_a_page_of_another_site_writes_nothing(
    client: Any, path: str, headers: dict[str, str]
) -> None:
    answer = client.post(path, json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


@pytest.mark.parametrize("headers", HERE)
def test_without_keys_anybody_else_may_write(client: Any, headers: dict[str, str]) -> None:
    event = {"type": "a", "user_id": "u"}
    assert client.post("/v1/events", json=event, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:8400",
        "127.0.0.1.nip.io",
        "a{b.rebound.example",
        "rebound.example:",
        "rebound.example@127.0.0.1",
        "[rebound]",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/v1/trending", "/v1/users/u", "/v1/events/rejected"])
def test_without_keys_a_name_that_leads_here_reads_nothing(
    client: Any, path: str, host: str
) -> None:
    answer = client.get(path, headers={"host": host, "sec-fetch-site": "same-origin"})
    assert (answer.status_code, answer.json()["code"]) == (403, "unknown_host")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8400", "[::1]:8400", "LOCALHOST", "localhost.:1", "shop.localhost"]
)
def test_without_keys_an_address_or_localhost_is_this_machine(client: Any, host: str) -> None:
    assert client.get("/v1/trending", headers={"host": host}).status_code == 200


def test_with_keys_the_service_may_have_any_name(keyed: Any) -> None:
    answer = keyed.get("/v1/trending", headers=key("recommend") | {"host": "api.example"})
    assert answer.status_code == 200


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_key_says_enough_wherever_a_page_is_from(keyed: Any, headers: dict[str, str]) -> None:
    event = {"type": "a", "user_id": "u"}
    answer = keyed.post("/v1/events", json=event, headers=headers | key("ingest"))
    assert answer.status_code == 200


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_reading_is_no_writing(client: Any, headers: dict[str, str]) -> None:
    assert client.get("/v1/trending", headers=headers).status_code == 200
