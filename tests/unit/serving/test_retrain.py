import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.errors import ConflictError, NotFoundError
from coadapt.serving.loop import Loop, assemble
from coadapt.serving.promote import add_and_promote, resume, rollback
from coadapt.serving.retrain import Commands, Retrainer
from coadapt.serving.rules import ProjectRules, RetrainRules
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.training.config import parse_run_config
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train as train_run

SLOW = "import time; time.sleep(30)"
FAILING = "import sys; sys.exit('error: no data')"
TELLING = "import os, sys; sys.exit(os.environ['COADAPT_STORE_URL'])"


def retrainer_of(
    loop: Loop,
    program: str,
    variables: Mapping[str, str] | None = None,
    asked: list[str] | None = None,
    while_comparing: Callable[[Loop], object] = lambda ruled: None,
) -> Retrainer:
    rules = {"default": ProjectRules(retrain=RetrainRules(Path("c.toml")))}
    ruled = assemble(loop.store, MemoryFeatureStore(), loop.runs, rules)
    resume(ruled, "default")
    child = [sys.executable, "-c", program]

    def train(config: Path, project: str) -> list[str]:
        if asked is not None:
            asked.append(project)
        return child

    def compare(new_run: str, champion_run: str) -> list[str]:
        while_comparing(ruled)
        return child

    commands = Commands(train, compare, variables or {})
    return Retrainer(ruled, commands, time.monotonic)


@pytest.fixture
def slow(loop: Loop) -> Iterator[Retrainer]:
    retrainer = retrainer_of(loop, SLOW)
    yield retrainer
    retrainer.close()


def wait_until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_true() and time.monotonic() < end:
        time.sleep(0.02)


def test_one_training_runs_at_a_time(slow: Retrainer) -> None:
    slow.start("default")
    with pytest.raises(ConflictError):
        slow.start("default")


def test_a_project_without_a_config_is_not_trained(slow: Retrainer) -> None:
    with pytest.raises(NotFoundError):
        slow.start("other")


def test_a_training_that_fails_says_why(loop: Loop) -> None:
    retrainer = retrainer_of(loop, FAILING)
    retrainer.start("default")
    wait_until(lambda: (retrainer.state("default") or {})["status"] != "running")
    retrainer.close()
    state = retrainer.state("default") or {}
    assert (state["status"], state["reason"]) == ("failed", "the training failed: error: no data")


def test_before_the_first_training_there_is_no_state(slow: Retrainer) -> None:
    assert slow.state("default") is None


def end_of(retrainer: Retrainer) -> dict[str, Any]:
    retrainer.start("default")
    wait_until(lambda: (retrainer.state("default") or {})["status"] != "running")
    retrainer.close()
    return retrainer.state("default") or {}


@pytest.mark.parametrize("program", ["", "print()", "print('done')", "print(3)", "print('[1]')"])
def test_a_child_that_says_nothing_of_use_has_failed(loop: Loop, program: str) -> None:
    state = end_of(retrainer_of(loop, program))
    assert (state["status"], "without a word" in state["reason"]) == ("failed", True)


def test_a_training_that_fails_in_an_unforeseen_way_has_failed(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coadapt.serving.retrain.add_and_promote", None)
    assert end_of(retrainer_of(loop, "print('{\"run\": 1}')"))["status"] == "failed"


def test_a_training_asked_for_just_before_one_is_due_stops_nothing(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_asked: list[str] = []
    monkeypatch.setattr("coadapt.serving.retrain.TICK_S", 0.01)
    monkeypatch.setattr(Retrainer, "_is_due", lambda *asked: not n_asked.append("due"))
    retrainer = retrainer_of(loop, SLOW)
    wait_until(lambda: len(n_asked) > 3)
    retrainer.close()
    assert len(n_asked) > 3


def test_a_child_is_told_in_its_environment_what_its_command_must_not_show(loop: Loop) -> None:
    retrainer = retrainer_of(loop, TELLING, variables={"COADAPT_STORE_URL": "secret"})
    assert end_of(retrainer)["reason"] == "the training failed: secret"


def test_a_child_trains_for_the_project_that_asks(loop: Loop) -> None:
    asked: list[str] = []
    retrainer = retrainer_of(loop, "", asked=asked)
    end_of(retrainer)
    assert asked == ["default"]


@pytest.fixture
def run(loop: Loop) -> str:
    options = {"n_users": 30, "n_items": 20, "n_events": 400}
    data = {"source": "synthetic", "path": "", "options": options}
    config = parse_run_config({"data": data, "recommender": {"name": "popularity"}}, "the test")
    return train_run(config, loop.runs, Surroundings(1_795_300_000_000)).run_id


def better_than_the_champion(run: str) -> str:
    told = {"run": run, "new": {"ndcg@10": 0.2}, "champion": {"ndcg@10": 0.1}}
    return f"print({json.dumps(told)!r})"


def test_a_run_that_holds_up_takes_the_champions_place_and_keeps_its_settings(
    loop: Loop, run: str
) -> None:
    add_and_promote(loop, "default", {"recommender": run, "name": "shop", "candidates": 5})
    state = end_of(retrainer_of(loop, better_than_the_champion(run)))
    assert (state["status"], state["pipeline"]) == ("promoted", "shop@2")
    assert loop.runs.pipeline("shop@2")["candidates"] == 5


def test_a_rollback_while_a_run_is_compared_stands(loop: Loop, run: str) -> None:
    for _ in range(2):
        add_and_promote(loop, "default", {"recommender": run})
    program = better_than_the_champion(run)
    state = end_of(
        retrainer_of(loop, program, while_comparing=lambda ruled: rollback(ruled, "default"))
    )
    assert (state["status"], loop.runs.alias("default")) == ("kept", "default@1")
    assert "came to serve" in state["reason"]
