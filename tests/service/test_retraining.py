import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.service.conftest import Server, wait_for

CONFIG = """
[data]
source = "log"
path = ""
[split]
kind = "leave_last_out"
[recommender]
name = "popularity"
"""


def settings(tmp_path: Path, project: str = "default") -> str:
    config = tmp_path / "train.toml"
    config.write_text(CONFIG)
    return f'[projects.{project}.retrain]\nconfig = "{config}"\n'


def shopping(items: str = "i") -> dict[str, object]:
    return {
        "events": [
            {"type": "page_view", "user_id": f"u{n % 40}", "item_id": f"{items}{n * n % 23}"}
            for n in range(400)
        ]
    }


def is_over(client: httpx.Client, project: str = "default") -> bool:
    training = client.get(f"/v1/runs?project={project}").json()["training"]
    return training is not None and training["status"] != "running"


@contextmanager
def steady_questions(server: Server) -> Iterator[list[int]]:
    """Ask without pause on another thread, and collect the status of every answer."""
    statuses: list[int] = []
    stopped = threading.Event()

    def ask() -> None:
        with server.client() as client:
            while not stopped.is_set():
                statuses.append(client.post("/v1/recommend", json={"user_id": "u1"}).status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    yield statuses
    stopped.set()
    asking.join()


def test_a_new_run_is_swapped_in_without_a_failed_request(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(settings=settings(tmp_path))
    with server.client() as client, steady_questions(server) as statuses:
        client.post("/v1/events", json=shopping()).raise_for_status()
        assert client.post("/v1/runs").status_code == 202
        assert client.post("/v1/runs").status_code == 409
        assert wait_for(lambda: is_over(client))
        assert client.get("/v1/runs").json()["training"]["status"] == "promoted"
        assert client.post("/v1/recommend", json={"user_id": "u1"}).json()["run"] is not None
    assert set(statuses) == {200}


def test_a_second_run_is_compared_with_the_champion_on_the_same_events(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    with serve(settings=settings(tmp_path)).client() as client:
        client.post("/v1/events", json=shopping()).raise_for_status()
        client.post("/v1/runs").raise_for_status()
        assert wait_for(lambda: is_over(client))
        client.post("/v1/runs").raise_for_status()
        assert wait_for(lambda: is_over(client))
        training = client.get("/v1/runs").json()["training"]
        assert (training["status"], training["pipeline"]) == ("promoted", "default@2")
        assert "the champion's" in training["reason"]


def test_enough_new_events_start_a_training(serve: Callable[..., Server], tmp_path: Path) -> None:
    with serve(settings=settings(tmp_path) + "min_events = 400\n").client() as client:
        client.post("/v1/events", json=shopping()).raise_for_status()
        assert wait_for(lambda: is_over(client))
        assert client.get("/v1/pipelines").json()["live"] == "default@1"


def test_a_training_that_fails_is_told_and_changes_nothing(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    with serve(settings=settings(tmp_path)).client() as client:
        client.post("/v1/runs").raise_for_status()
        assert wait_for(lambda: is_over(client))
        assert client.get("/v1/runs").json()["training"]["status"] == "failed"
        assert client.post("/v1/recommend", json={}).status_code == 200


def test_a_project_is_retrained_from_its_own_events(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(settings=settings(tmp_path, "b"))
    with server.client() as client:
        client.post("/v1/events", json=shopping("secret")).raise_for_status()
        client.post("/v1/events?project=b", json=shopping("b")).raise_for_status()
        client.post("/v1/runs?project=b").raise_for_status()
        assert wait_for(lambda: is_over(client, "b"))
        answer = client.get("/v1/runs?project=b").json()
        assert (answer["training"]["status"], answer["runs"][0]["project"]) == ("promoted", "b")
    (words,) = (server.runs / "runs").glob("*/vocabulary.json")
    assert "b1" in words.read_text()
    assert "secret" not in words.read_text()
