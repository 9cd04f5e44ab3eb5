from collections.abc import Callable
from pathlib import Path

from tests.service.conftest import Server

NAME = "anna-4711-of-the-shop"
EVENT = {"type": "page_view", "user_id": NAME, "anonymous_id": f"device-{NAME}", "item_id": "tea"}


def n_traces(folder: Path) -> int:
    """Count the bytes' occurrences in every file of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.read_bytes().count(NAME.encode()) for path in files)


def test_an_erased_person_leaves_no_byte(serve: Callable[..., Server], tmp_path: Path) -> None:
    with serve().client() as client:
        client.post("/v1/events", json={"events": [EVENT] * 50}).raise_for_status()
        client.post("/v1/events", json={"events": [EVENT | {"value": True}]}).raise_for_status()
        client.post("/v1/users", json={"user_id": NAME, "properties": {"name": NAME}})
        client.post("/v1/events", json={"type": "follow", "user_id": "b", "target_user_id": NAME})
        client.post("/v1/recommend", json={"user_id": NAME}).raise_for_status()
        assert n_traces(tmp_path) > 50
        client.delete(f"/v1/users/{NAME}").raise_for_status()
        client.post("/v1/events", json={"events": [EVENT, EVENT | {"value": True}]})
        client.post("/v1/recommend", json={"user_id": NAME})
        assert n_traces(tmp_path) == 0


def test_the_others_stay(serve: Callable[..., Server]) -> None:
    with serve().client() as client:
        client.post("/v1/events", json=EVENT | {"user_id": f"{NAME}-2", "anonymous_id": None})
        client.post("/v1/events", json=EVENT)
        client.delete(f"/v1/users/{NAME}").raise_for_status()
        assert client.get(f"/v1/users/{NAME}-2").json()["n_events"] == 1
