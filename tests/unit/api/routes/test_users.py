"""People are described, listed, opted out and erased over HTTP."""

from typing import Any

import pytest

from tests.unit.api.conftest import NOW_MS


def view(item_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "page_view", "user_id": "anna", "item_id": item_id, **more}


def send(client: Any, *events: dict[str, Any], project: str = "default") -> None:
    path = f"/v1/events?project={project}"
    assert client.post(path, json={"events": list(events)}).json()["rejected"] == []


def test_properties_add_up_and_the_last_said_holds(client: Any) -> None:
    anna = {"user_id": "anna", "properties": {"vip": True, "city": "Rome"}}
    client.post("/v1/users", json=anna)
    client.post("/v1/users", json=anna | {"properties": {"city": "Oslo"}})
    assert client.get("/v1/users/anna").json()["properties"] == {"vip": True, "city": "Oslo"}


@pytest.mark.parametrize("body", [{}, {"properties": {}}, {"user_id": None}])
def test_nobody_cannot_be_described(client: Any, body: dict[str, Any]) -> None:
    answer = client.post("/v1/users", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "missing_field")


def test_recent_events_come_newest_first_and_fifty_at_most(client: Any) -> None:
    send(client, *(view(f"i{n}", timestamp=NOW_MS - 60 + n) for n in range(60)))
    recent = client.get("/v1/users/anna").json()["recent"]
    assert [event["item_id"] for event in recent] == [f"i{n}" for n in range(59, 9, -1)]


def test_events_that_came_late_take_their_place_in_time(client: Any) -> None:
    send(client, view("new", timestamp=NOW_MS - 1), view("old", timestamp=NOW_MS - 9))
    recent = client.get("/v1/users/anna").json()["recent"]
    assert recent[0] == {"item_id": "new", "type": "page_view", "timestamp": NOW_MS - 1}
    assert recent[1]["item_id"] == "old"


def test_a_profile_counts_what_was_sent(client: Any) -> None:
    send(client, view("a", timestamp=NOW_MS - 9), view("b", timestamp=NOW_MS - 5))
    stored = client.get("/v1/users/anna").json()
    assert (stored["n_events"], stored["first_seen"]) == (2, NOW_MS - 9)
    assert stored["last_seen"] == NOW_MS - 5


def test_a_full_last_page_is_followed_by_an_empty_one(client: Any) -> None:
    send(client, view("a"), view("a", user_id="ben"))
    first = client.get("/v1/users?limit=2").json()
    assert len(first["users"]) == 2
    rest = client.get(f"/v1/users?limit=2&cursor={first['next_cursor']}").json()
    assert rest == {"users": [], "next_cursor": None}


def test_a_project_lists_its_own_people(client: Any) -> None:
    send(client, view("a"), project="other")
    assert client.get("/v1/users").json()["users"] == []
    assert len(client.get("/v1/users?project=other").json()["users"]) == 1


def test_an_erased_person_is_listed_no_more(client: Any) -> None:
    send(client, view("a"), view("a", user_id="ben"))
    client.delete("/v1/users/anna")
    assert [user["user_id"] for user in client.get("/v1/users").json()["users"]] == ["ben"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_kind_of_id_is_refused(client: Any, method: str) -> None:
    path = "/v1/users/anna" + ("/consent" if method == "PUT" else "")
    answer = client.request(method, f"{path}?id_type=email", json={"personalization": True})
    assert (answer.status_code, answer.json()["field"]) == (422, "id_type")


def test_a_visitor_can_opt_out_and_in_again(client: Any) -> None:
    path = "/v1/users/device/consent?id_type=anonymous_id"
    asked = {"anonymous_id": "device"}
    client.put(path, json={"personalization": False})
    assert client.post("/v1/recommend", json=asked).json()["fallback"] == "opted_out"
    client.put(path, json={"personalization": True})
    assert client.post("/v1/recommend", json=asked).json()["fallback"] == "popular"


def test_a_choice_is_kept_for_every_id_of_a_person(client: Any) -> None:
    send(client, view("a", anonymous_id="device"))
    client.put("/v1/users/anna/consent", json={"personalization": False})
    answer = client.post("/v1/recommend", json={"anonymous_id": "device"}).json()
    assert answer["fallback"] == "opted_out"


@pytest.mark.parametrize("body", [{}, {"personalization": 1}, {"personalization": "no"}])
def test_a_choice_that_is_none_is_refused_and_changes_nothing(client: Any, body: Any) -> None:
    answer = client.put("/v1/users/anna/consent", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "personalization")
    assert client.post("/v1/recommend", json={"user_id": "anna"}).json()["fallback"] == "popular"


def test_erasing_somebody_unknown_removes_nothing(client: Any) -> None:
    removed = client.delete("/v1/users/nobody").json()
    assert (removed["events"], removed["mentions"], removed["rejected"]) == (0, 0, 0)


def test_a_visitor_is_erased_under_either_id(client: Any) -> None:
    send(client, view("a", anonymous_id="device"))
    assert client.delete("/v1/users/device?id_type=anonymous_id").json()["events"] == 1
    assert client.get("/v1/users/anna").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/users", {"user_id": "anna", "properties": {"a": 1}}),
        ("PUT", "/v1/users/anna/consent", {"personalization": True}),
    ],
)
def test_nothing_more_is_kept_of_an_erased_person(
    client: Any, method: str, path: str, body: dict[str, Any]
) -> None:
    client.delete("/v1/users/anna")
    answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "erased")


def test_erasing_a_user_leaves_a_visitor_of_the_same_name(client: Any) -> None:
    send(client, view("a"), {**view("b", anonymous_id="anna"), "user_id": None})
    removed = client.delete("/v1/users/anna").json()
    assert (removed["events"], removed["kept"]) == (1, {"anonymous_id": 1})
    assert removed["scrubbed"] is True
    assert client.get("/v1/users/anna?id_type=anonymous_id").status_code == 200
