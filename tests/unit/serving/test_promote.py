import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from coadapt.domain.errors import ForbiddenError, NotFoundError, RunError, StoreFullError
from coadapt.serving.loop import Loop
from coadapt.serving.promote import add_and_promote, open_pipeline, promote, resume, rollback
from coadapt.training.config import parse_run_config
from coadapt.training.kinds import parse_any_config, train_any
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train

NOW_MS = 1_795_300_000_000

CONFIG = {
    "data": {
        "source": "synthetic",
        "path": "",
        "options": {"n_users": 30, "n_items": 20, "n_events": 400},
    },
    "recommender": {"name": "popularity"},
}


@pytest.fixture
def run(loop: Loop) -> str:
    config = parse_run_config(CONFIG, "the test")
    return train(config, loop.runs, Surroundings(NOW_MS)).run_id


def live(loop: Loop) -> str | None:
    return loop.live.references().get("default")


def corrupt(tmp_path: Path, run: str) -> None:
    path = tmp_path / "runs" / run / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")


def test_a_promoted_pipeline_serves(loop: Loop, run: str) -> None:
    reference = add_and_promote(loop, "default", {"recommender": run})
    assert (reference, live(loop)) == ("default@1", "default@1")


def test_a_name_without_a_version_is_the_newest(loop: Loop, run: str) -> None:
    add_and_promote(loop, "default", {"recommender": run})
    add_and_promote(loop, "default", {"recommender": run})
    assert open_pipeline(loop, "default").reference == "default@2"


def test_a_corrupt_run_is_refused_while_the_old_one_serves(
    loop: Loop, run: str, tmp_path: Path
) -> None:
    add_and_promote(loop, "default", {"recommender": run})
    corrupt(tmp_path, run)
    with pytest.raises(RunError):
        promote(loop, "default", "default@1")
    assert (live(loop), loop.live.faults()) == ("default@1", {"default": "invalid_run"})


def test_a_pipeline_of_another_project_is_refused(loop: Loop, run: str) -> None:
    add_and_promote(loop, "shop", {"recommender": run})
    with pytest.raises(ForbiddenError):
        promote(loop, "default", "default@1")


def test_rollbacks_return_to_the_pipeline_before(loop: Loop, run: str) -> None:
    add_and_promote(loop, "default", {"recommender": run})
    add_and_promote(loop, "default", {"recommender": run})
    assert rollback(loop, "default") == "default@1"


def test_without_an_earlier_pipeline_there_is_no_rollback(loop: Loop, run: str) -> None:
    add_and_promote(loop, "default", {"recommender": run})
    with pytest.raises(NotFoundError):
        rollback(loop, "default")


def test_a_start_resumes_the_champion(loop: Loop, run: str) -> None:
    add_and_promote(loop, "default", {"recommender": run})
    loop.live._pipelines.clear()
    resume(loop, "default")
    assert live(loop) == "default@1"


def test_a_start_with_a_broken_champion_is_degraded(loop: Loop, run: str, tmp_path: Path) -> None:
    add_and_promote(loop, "default", {"recommender": run})
    corrupt(tmp_path, run)
    resume(loop, "default")
    assert loop.live.faults() == {"default": "invalid_run"}


def test_a_start_without_a_champion_is_fine(loop: Loop) -> None:
    resume(loop, "default")
    assert (live(loop), loop.live.faults()) == (None, {})


def test_rollbacks_walk_back_to_the_first_pipeline(loop: Loop, run: str) -> None:
    for _ in range(3):
        add_and_promote(loop, "default", {"recommender": run})
    assert [rollback(loop, "default") for _ in range(2)] == ["default@2", "default@1"]
    with pytest.raises(NotFoundError, match="nothing served before"):
        rollback(loop, "default")


def test_a_promotion_after_a_rollback_stands_on_what_it_went_back_to(loop: Loop, run: str) -> None:
    for _ in range(2):
        add_and_promote(loop, "default", {"recommender": run})
    rollback(loop, "default")
    add_and_promote(loop, "default", {"recommender": run})
    assert rollback(loop, "default") == "default@1"


def test_the_history_tells_a_rollback_from_a_promotion(loop: Loop, run: str) -> None:
    for _ in range(2):
        add_and_promote(loop, "default", {"recommender": run})
    rollback(loop, "default")
    told = [(each.pipeline, each.is_rollback) for each in loop.runs.alias_history("default")]
    assert told == [("default@1", False), ("default@2", False), ("default@1", True)]


def test_another_projects_broken_pipeline_makes_nobody_degraded(loop: Loop) -> None:
    loop.runs.add_pipeline("broken", {"recommender": "none", "project": "shop"})
    with pytest.raises(ForbiddenError):
        promote(loop, "default", "broken")
    assert loop.live.faults() == {}


VALUE = {
    "kind": "value",
    "data": {
        "source": "synthetic",
        "options": {"n_users": 60, "n_items": 10, "n_events": 2000, "n_days": 120},
    },
    "value": {"name": "rfm"},
    "training": {"n_bootstrap": 1},
}


@pytest.fixture
def value_run(loop: Loop) -> str:
    return train_any(parse_any_config(VALUE, "the test"), loop.runs, Surroundings(NOW_MS)).run_id


def valuing(loop: Loop) -> str | None:
    state = loop.valuing.get("default")
    return None if state is None else state.run_id


def test_a_pipelines_value_model_serves_with_it(loop: Loop, run: str, value_run: str) -> None:
    add_and_promote(loop, "default", {"recommender": run, "value": value_run})
    assert valuing(loop) == value_run
    add_and_promote(loop, "default", {"recommender": run})
    assert valuing(loop) is None
    rollback(loop, "default")
    assert valuing(loop) == value_run


def test_the_same_value_model_goes_on_with_its_state(loop: Loop, run: str, value_run: str) -> None:
    add_and_promote(loop, "default", {"recommender": run, "value": value_run})
    before = loop.valuing.get("default")
    add_and_promote(loop, "default", {"recommender": run, "value": value_run, "candidates": 5})
    assert loop.valuing.get("default") is before


def test_a_corrupt_value_model_is_refused_while_the_old_one_serves(
    loop: Loop, run: str, value_run: str, tmp_path: Path
) -> None:
    add_and_promote(loop, "default", {"recommender": run})
    corrupt(tmp_path, value_run)
    with pytest.raises(RunError):
        add_and_promote(loop, "default", {"recommender": run, "value": value_run})
    assert (live(loop), valuing(loop)) == ("default@1", None)


def test_a_recommender_cannot_forecast_value(loop: Loop, run: str) -> None:
    with pytest.raises(RunError, match="not a value model"):
        add_and_promote(loop, "default", {"recommender": run, "value": run})


def test_promotions_at_once_leave_serving_what_a_restart_would_serve(
    loop: Loop, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (loop.runs.add_pipeline("shop", {"recommender": run}) for _ in range(2))
    kept, pauses_s, is_kept = loop.runs.set_alias, iter([0.3, 0.0]), Event()

    def keep_and_pause(*change: Any, **how: Any) -> None:
        kept(*change, **how)
        is_kept.set()
        time.sleep(next(pauses_s))

    monkeypatch.setattr(loop.runs, "set_alias", keep_and_pause)
    slow = Thread(target=promote, args=(loop, "default", first))
    slow.start()
    is_kept.wait(30)
    promote(loop, "default", second)
    slow.join()
    assert (live(loop), loop.runs.alias("default")) == (second, second)


def test_a_promotion_that_cannot_be_kept_changes_nothing_and_is_told(
    loop: Loop, run: str, value_run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_and_promote(loop, "default", {"recommender": run})

    def fill_up(*change: Any, **how: Any) -> None:
        raise StoreFullError("full")

    monkeypatch.setattr(loop.runs, "set_alias", fill_up)
    with pytest.raises(StoreFullError):
        add_and_promote(loop, "default", {"recommender": run, "value": value_run})
    assert (live(loop), valuing(loop)) == ("default@1", None)
    assert loop.live.faults() == {"default": "storage_full"}
