"""Runs and pipelines are listed, promoted and rolled back over HTTP."""

from dataclasses import asdict
from typing import Any

import pytest

from coadapt.serving.loop import Loop
from coadapt.training.config import parse_run_config
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train
from tests.unit.api.conftest import NOW_MS

OPTIONS = {"n_users": 20, "n_items": 10, "n_events": 200}
CONFIG = {
    "data": {"source": "synthetic", "path": "", "options": OPTIONS},
    "recommender": {"name": "popularity"},
}


def add_run(loop: Loop, at_ms: int = NOW_MS) -> str:
    return train(parse_run_config(CONFIG, "the test"), loop.runs, Surroundings(at_ms)).run_id


@pytest.fixture
def run(loop: Loop) -> str:
    return add_run(loop)


def add_pipelines(loop: Loop, run: str, n_versions: int, **parts: Any) -> None:
    for _ in range(n_versions):
        loop.runs.add_pipeline("shop", {"recommender": run, **parts})


def test_runs_come_newest_first_and_page_by_page(client: Any, loop: Loop) -> None:
    runs = [add_run(loop, NOW_MS + 1_000 * n) for n in range(3)]
    first = client.get("/v1/runs?limit=2").json()
    rest = client.get(f"/v1/runs?limit=2&cursor={first['next_cursor']}").json()
    assert [run["run_id"] for run in first["runs"] + rest["runs"]] == runs[::-1]
    assert rest["next_cursor"] is None


def test_a_run_tells_what_made_it(client: Any, run: str) -> None:
    told = client.get(f"/v1/runs/{run}").json()
    assert (told["name"], told["n_items"]) == ("popularity", 10)
    assert "weights.safetensors" in told["files"]


@pytest.mark.parametrize("run_id", ["..%2F..%2Fetc", "%2E%2E", "%2E", "a%5Cb", "%2Fetc%2Fpasswd"])
def test_a_run_id_leads_to_no_other_folder(client: Any, run_id: str) -> None:
    answer = client.get(f"/v1/runs/{run_id}")
    assert (answer.status_code, answer.json()["field"]) == (422, "run_id")


def test_without_a_retrainer_nothing_trains(client: Any) -> None:
    assert client.get("/v1/runs").json() == {"runs": [], "next_cursor": None, "training": None}
    assert client.post("/v1/runs").status_code == 404


def test_pipelines_tell_which_serves(client: Any, loop: Loop, run: str) -> None:
    add_pipelines(loop, run, 2)
    assert client.post("/v1/pipelines/shop/promote").json() == {"champion": "shop@2"}
    listed = client.get("/v1/pipelines").json()
    assert listed["pipelines"] == ["shop@1", "shop@2"]
    assert (listed["champion"], listed["live"]) == ("shop@2", "shop@2")


def test_before_a_promotion_nothing_serves(client: Any, loop: Loop, run: str) -> None:
    add_pipelines(loop, run, 1)
    listed = client.get("/v1/pipelines").json()
    assert (listed["champion"], listed["live"]) == (None, None)


def test_pipelines_say_what_they_are(client: Any, loop: Loop, run: str) -> None:
    add_pipelines(loop, run, 1)
    add_pipelines(loop, run, 1, policy={"name": "greedy"}, value="v", project="default")
    client.post("/v1/pipelines/shop@1/promote")
    first, second = client.get("/v1/pipelines").json()["described"]
    assert (first["policy"], first["value"], first["live"]) == ("plackett_luce", None, True)
    assert (second["policy"], second["value"], second["live"]) == ("greedy", "v", False)
    assert first["recommender"] == second["recommender"] == run


def test_a_pipeline_says_what_it_is(client: Any, loop: Loop, run: str) -> None:
    add_pipelines(loop, run, 2)
    client.post("/v1/pipelines/shop@1/promote")
    assert client.get("/v1/pipelines/shop@1").json()["live"]
    assert client.get("/v1/pipelines/shop").json() == {
        "pipeline": "shop@2",
        "live": False,
        "project": None,
        "recommender": run,
        "policy": "plackett_luce",
        "value": None,
        "fault": None,
    }


def test_a_pipeline_that_cannot_be_read_says_so(client: Any, loop: Loop) -> None:
    loop.runs.add_pipeline("broken", {"candidates": 0})
    told = client.get("/v1/pipelines/broken").json()
    assert (told["fault"], told["recommender"]) == ("invalid_run", None)


@pytest.mark.parametrize("name", ["none", "none@1", "shop@9", "x%2F"])
def test_a_pipeline_that_is_not_there_is_not_found(
    client: Any, loop: Loop, run: str, name: str
) -> None:
    add_pipelines(loop, run, 1)
    assert client.get(f"/v1/pipelines/{name}").status_code == 404


def test_another_projects_pipeline_is_not_found(keyed: Any, loop: Loop, run: str) -> None:
    add_pipelines(loop, run, 1, project="other")
    codes = [
        keyed.get(
            "/v1/pipelines/shop", headers={"x-api-key": f"{project}-admin-0123456789"}
        ).status_code
        for project in ("shop", "other")
    ]
    assert codes == [404, 200]


def test_each_project_has_its_own_champion(client: Any, loop: Loop, run: str) -> None:
    add_pipelines(loop, run, 2)
    client.post("/v1/pipelines/shop@1/promote?project=a")
    client.post("/v1/pipelines/shop@2/promote?project=b")
    assert client.get("/v1/pipelines?project=a").json()["live"] == "shop@1"
    assert client.get("/v1/pipelines?project=b").json()["live"] == "shop@2"


def test_another_projects_pipeline_cannot_be_promoted(client: Any, loop: Loop, run: str) -> None:
    add_pipelines(loop, run, 1, project="other")
    assert client.post("/v1/pipelines/shop/promote").status_code == 403
    assert client.get("/v1/pipelines").json()["live"] is None


@pytest.mark.parametrize(
    "parts", [{"candidates": 0}, {"policy": {"name": "none"}}, {"policy": {"options": {"a": 1}}}]
)
def test_a_pipeline_that_cannot_be_used_is_refused_and_the_old_one_serves(
    client: Any, loop: Loop, run: str, parts: dict[str, Any]
) -> None:
    add_pipelines(loop, run, 1)
    client.post("/v1/pipelines/shop/promote")
    add_pipelines(loop, run, 1, **parts)
    assert client.post("/v1/pipelines/shop/promote").status_code == 409
    assert client.get("/v1/pipelines").json()["live"] == "shop@1"
    assert client.get("/health/ready").json()["status"] == "degraded"


def test_a_second_rollback_finds_nothing_before_the_first_pipeline(
    client: Any, loop: Loop, run: str
) -> None:
    add_pipelines(loop, run, 2)
    client.post("/v1/pipelines/shop@1/promote")
    client.post("/v1/pipelines/shop@2/promote")
    assert client.post("/v1/rollback").json() == {"champion": "shop@1"}
    answer = client.post("/v1/rollback")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def listed_for(keyed: Any, path: str, name: str) -> Any:
    key = {"x-api-key": "shop-admin-0123456789"}
    return keyed.get(path, headers=key).json()[name]


def test_a_key_sees_the_pipelines_of_its_project_and_of_none(
    keyed: Any, loop: Loop, run: str
) -> None:
    add_pipelines(loop, run, 1)
    add_pipelines(loop, run, 1, project="shop")
    add_pipelines(loop, run, 1, project="other")
    add_pipelines(loop, run, 1, colour="unreadable")
    assert listed_for(keyed, "/v1/pipelines", "pipelines") == ["shop@1", "shop@2"]


def test_a_key_sees_the_runs_of_its_project_and_of_none(keyed: Any, loop: Loop, run: str) -> None:
    facts = asdict(loop.runs.manifest(run))
    said = {name: facts[name] for name in facts.keys() - {"run_id", "files", "format"}}
    for owner in ("shop", "other"):
        loop.runs.add(f"run-of-{owner}", {}, said | {"project": owner})
    seen = {each["run_id"] for each in listed_for(keyed, "/v1/runs", "runs")}
    assert seen == {run, "run-of-shop"}
    assert listed_for(keyed, "/v1/runs/run-of-other", "code") == "not_found"
    assert listed_for(keyed, "/v1/runs/run-of-shop", "project") == "shop"
