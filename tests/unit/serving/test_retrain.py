import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coadapt.domain.errors import ConflictError, NotFoundError
from coadapt.serving.loop import Loop, assemble
from coadapt.serving.retrain import Commands, Retrainer
from coadapt.serving.rules import ProjectRules, RetrainRules
from coadapt.stores.memory import MemoryFeatureStore

SLOW = "import time; time.sleep(30)"
FAILING = "import sys; sys.exit('error: no data')"


def retrainer_of(loop: Loop, program: str, min_events: int | None = None) -> Retrainer:
    rules = {"default": ProjectRules(retrain=RetrainRules(Path("c.toml"), min_events=min_events))}
    ruled = assemble(loop.store, MemoryFeatureStore(), loop.runs, rules)
    child = [sys.executable, "-c", program]
    return Retrainer(ruled, Commands(lambda _: child, lambda *_: child), time.monotonic)


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
