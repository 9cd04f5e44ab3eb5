"""A loop runs until it is closed, and finishes what it accepted."""

import re
from pathlib import Path

import numpy as np
import pytest

from coadapt.domain.errors import StoreError
from coadapt.domain.events import Event
from coadapt.serving.loop import Loop, LoopOptions, assemble
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.rules import ProjectRules
from coadapt.serving.scoring import Question
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore
from coadapt.training.pipeline_config import PolicyChoice, make_policy


def make(folder: Path, url: str = "sqlite://", seed: int | None = None) -> Loop:
    store, runs = SqlEventStore(url), FileRunStore(folder)
    return assemble(store, MemoryFeatureStore(), runs, options=LoopOptions(seed=seed))


def like(number: int) -> Event:
    name = f"e{number}"
    return Event(name, "like", number, user_id="anna", item_id="tea", digest=name)


def drawn(folder: Path, pipeline: Pipeline, seed: int) -> list[int]:
    """Return what a loop of a seed draws by lot."""
    policy = make_policy(PolicyChoice(options={"exploration": 1}))
    chance = Pipeline("a@1", pipeline.config, pipeline.recommender, pipeline.vocabulary, policy)
    loop, nothing = make(folder, seed=seed), np.empty(0, np.int64)
    question = Question(chance, nothing, nothing, np.empty(0), count=12)
    rows = loop.scorer.ask(question).result(30).rows.tolist()
    loop.close()
    return list(rows)


def test_what_was_accepted_is_durable_after_closing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    loop = make(tmp_path, url)
    told = [loop.journal.append([like(n)]) for n in range(200)]
    loop.close()
    assert all(future.done() for future in told)
    store = SqlEventStore(url)
    assert store.last_position() == 200
    store.close()


def test_a_closed_loop_takes_nothing_more(tmp_path: Path) -> None:
    loop = make(tmp_path)
    loop.close()
    with pytest.raises(StoreError):
        loop.journal.append([like(1)])


def test_ids_are_long_random_and_fit_any_header(loop: Loop) -> None:
    ids = {loop.new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(re.fullmatch("[0-9a-f]{32}", new) for new in ids)


def test_the_same_seed_draws_the_same(tmp_path: Path, pipeline: Pipeline) -> None:
    assert drawn(tmp_path, pipeline, seed=5) == drawn(tmp_path, pipeline, seed=5)
    assert drawn(tmp_path, pipeline, seed=5) != drawn(tmp_path, pipeline, seed=6)


def test_a_loop_keeps_to_the_rules_that_it_was_given(tmp_path: Path) -> None:
    rules = {"shop": ProjectRules(attribution_window_ms=5)}
    store = SqlEventStore("sqlite://")
    loop = assemble(store, MemoryFeatureStore(), FileRunStore(tmp_path), rules)
    loop.close()
    assert loop.live.rules("shop").attribution_window_ms == 5
    assert loop.learner.live is loop.live
