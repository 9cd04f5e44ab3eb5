"""What the settings name is opened, brought level with the log, and serves as before."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from coadapt.api.assembly import open_loop, projects_of
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConflictError
from coadapt.domain.events import Event
from coadapt.domain.queries import Person
from coadapt.serving.exposures import Exposure
from coadapt.serving.loop import Loop
from coadapt.settings import Settings
from coadapt.stores.files import FileRunStore

Open = Callable[..., Loop]

ANNA = Person(user_id="anna")


def silent(done: float, total: float, message: str) -> None:
    """Draw nothing."""


def view(event_id: str) -> Event:
    return Event(event_id, "page_view", 1_000, user_id="anna", item_id="tea", digest=event_id)


@pytest.fixture
def open_with(tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(**changes: Any) -> Loop:
            stack.close()
            places = {"store_url": f"sqlite:///{tmp_path / 'log.db'}", "runs": tmp_path / "runs"}
            loop = open_loop(Settings.model_validate(places | changes), silent)
            stack.callback(loop.close)
            return loop

        yield opened


def test_every_project_is_named_once_in_order() -> None:
    key = {"scope": "read", "key": "0123456789abcdef"}
    keys = [{"name": name, "project": name, **key} for name in ("tea", "books")]
    settings = Settings.model_validate({"projects": {"tea": {}, "shoes": {}}, "keys": keys})
    assert projects_of(settings) == ["books", "default", "shoes", "tea"]


def test_without_settings_there_is_the_default_project() -> None:
    assert projects_of(Settings()) == ["default"]


def test_what_was_folded_before_is_known_after_a_start(open_with: Open) -> None:
    open_with().journal.append([view("a"), view("b")]).result(30)
    again = open_with()
    assert again.features.position == 2
    assert len(again.features.past("default", ANNA, as_of=2_000).items) == 2


def test_a_projects_settings_become_its_rules(open_with: Open) -> None:
    retrain = {"config": "train.toml", "min_events": 7, "margin": 0.1}
    project = {"replay": True, "attribution_window_days": 1.5, "retrain": retrain}
    rules = open_with(projects={"shop": project}).live.rules("shop")
    assert (rules.is_replay, rules.attribution_window_ms) == (True, round(1.5 * DAY_MS))
    assert rules.retrain is not None
    assert (rules.retrain.config, rules.retrain.min_events) == (Path("train.toml"), 7)


def test_the_limit_of_remembered_answers_holds(open_with: Open) -> None:
    exposures = open_with(limits={"max_exposures": 1}).learner.exposures
    exposures.add(Exposure("r1", "default", ANNA, 0, ()))
    exposures.add(Exposure("r2", "default", ANNA, 0, ()))
    assert len(exposures) == 1


@pytest.fixture
def lost(tmp_path: Path) -> str:
    """Let the champion of two projects be a pipeline whose run is gone; return its reference."""
    runs = FileRunStore(tmp_path / "runs")
    reference = runs.add_pipeline("lost", {"recommender": "a-run-that-is-gone"})
    runs.set_alias("shop", reference)
    runs.set_alias("unnamed", reference)
    return reference


def test_every_project_with_a_champion_resumes_it(open_with: Open, lost: str) -> None:
    faults = open_with(projects={"shop": {}}).live.faults()
    assert faults == {"shop": "not_found", "unnamed": "not_found"}


def test_with_keys_only_projects_that_somebody_may_ask_are_resumed(
    open_with: Open, lost: str
) -> None:
    key = {"name": "a", "project": "shop", "scope": "read", "key": "0123456789abcdef"}
    assert open_with(keys=[key]).live.faults() == {"shop": "not_found"}


def test_a_broken_alias_leaves_its_project_degraded_and_the_others_served(
    open_with: Open, lost: str, tmp_path: Path
) -> None:
    (tmp_path / "runs/aliases/shop/champion.json").write_text("{")
    faults = open_with(projects={"shop": {}}).live.faults()
    assert faults == {"shop": "invalid_run", "unnamed": "not_found"}


def test_a_start_over_nothing_is_level_and_sound(open_with: Open) -> None:
    loop = open_with()
    assert (loop.journal.is_level, loop.features.position) == (True, 0)
    assert (loop.live.references(), loop.live.faults()) == ({}, {})


def test_a_second_server_on_one_log_is_refused(open_with: Open, tmp_path: Path) -> None:
    open_with()
    settings = Settings(store_url=f"sqlite:///{tmp_path / 'log.db'}", runs=tmp_path / "other")
    with pytest.raises(ConflictError, match="another server answers from this log"):
        open_loop(settings, silent)
