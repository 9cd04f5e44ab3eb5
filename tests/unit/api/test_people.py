from typing import Any

VIEW = {"type": "page_view", "user_id": "anna", "item_id": "tea"}


def test_what_is_stored_about_a_person_is_told(client: Any) -> None:
    client.post("/v1/events", json=VIEW)
    client.post(
        "/v1/users", json={"user_id": "anna", "properties": {"vip": True}, "follows": ["b"]}
    )
    stored = client.get("/v1/users/anna").json()
    assert (stored["properties"], stored["follows"]) == ({"vip": True}, ["b"])
    assert stored["recent"][0]["item_id"] == "tea"


def test_users_come_page_by_page(client: Any) -> None:
    for user in ("anna", "ben", "cleo"):
        client.post("/v1/events", json={**VIEW, "user_id": user})
    first = client.get("/v1/users?limit=2").json()
    rest = client.get(f"/v1/users?limit=2&cursor={first['next_cursor']}").json()
    assert [user["user_id"] for user in first["users"] + rest["users"]] == ["anna", "ben", "cleo"]
    assert rest["next_cursor"] is None


def test_a_segment_needs_a_value_model(client: Any) -> None:
    assert client.get("/v1/users?segment=rising").json()["field"] == "segment"


def test_a_visitor_is_named_by_id_type(client: Any) -> None:
    client.post("/v1/events", json={"type": "a", "anonymous_id": "device", "item_id": "tea"})
    assert client.get("/v1/users/device").status_code == 404
    assert client.get("/v1/users/device?id_type=anonymous_id").status_code == 200


def test_opting_out_works_from_the_next_answer_on(client: Any) -> None:
    client.put("/v1/users/anna/consent", json={"personalization": False})
    assert client.post("/v1/recommend", json={"user_id": "anna"}).json()["fallback"] == "opted_out"


def test_an_erased_person_is_gone_and_stays_away(client: Any) -> None:
    client.post("/v1/events", json=VIEW)
    assert client.delete("/v1/users/anna").json()["events"] == 1
    assert client.get("/v1/users/anna").status_code == 404
    assert client.post("/v1/events", json=VIEW).json()["code"] == "erased"


def test_an_items_description_is_replaced_and_retired(client: Any) -> None:
    client.put("/v1/items/tea", json={"title": "Tea", "price": 4})
    client.post("/v1/items", json={"items": [{"item_id": "tea", "title": "Green tea"}]})
    assert client.get("/v1/items/tea").json() == {"item_id": "tea", "title": "Green tea"}
    client.delete("/v1/items/tea")
    assert client.get("/v1/items/tea").status_code == 404


def test_items_are_stored_all_or_none(client: Any) -> None:
    items = [{"item_id": "tea", "price": 4}, {"item_id": "cup", "price": -4}]
    assert client.post("/v1/items", json={"items": items}).json()["field"] == "items[1].price"
    assert client.get("/v1/items/tea").status_code == 404
