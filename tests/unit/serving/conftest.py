"""A loop over real stores in memory, and a pipeline that knows two tastes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person, Query
from coadapt.domain.resources import Resources
from coadapt.domain.slates import Slate
from coadapt.plugins import load_plugin
from coadapt.recommenders.base import Recommender
from coadapt.serving.ingest import Receipt, ingest
from coadapt.serving.loop import Loop, LoopOptions, assemble
from coadapt.serving.pipeline import Pipeline
from coadapt.serving.recommend import recommend
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore
from coadapt.testing.tiny import two_tastes
from coadapt.training.pipeline_config import PipelineConfig, PolicyChoice, make_policy

NOW_MS = 1_795_300_000_000


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    store, runs = SqlEventStore("sqlite://"), FileRunStore(tmp_path)
    loop = assemble(store, MemoryFeatureStore(), runs, options=LoopOptions(seed=1))
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def recommender() -> Recommender[Any]:
    method = load_plugin("recommenders", "item_knn")
    fitted: Recommender[Any] = method(method.Config())
    fitted.fit(two_tastes(), Resources())
    return fitted


@pytest.fixture
def pipeline(recommender: Recommender[Any]) -> Pipeline:
    config = PipelineConfig(name="shop", recommender="run-1", policy=PolicyChoice(name="greedy"))
    policy = make_policy(config.policy)
    return Pipeline("shop@1", config, recommender, two_tastes().item_ids, policy)


@pytest.fixture
def live(loop: Loop, pipeline: Pipeline) -> Loop:
    loop.live.swap("default", pipeline)
    return loop


@pytest.fixture
def send(loop: Loop) -> Callable[..., Receipt]:
    def sent(*bodies: Any, is_dry_run: bool = False) -> Receipt:
        arrival = Arrival(NOW_MS, loop.new_id)
        return asyncio.run(ingest(loop, bodies, arrival, is_dry_run=is_dry_run))

    return sent


@pytest.fixture
def ask(loop: Loop) -> Callable[..., Slate]:
    def asked(user_id: str | None = None, **fields: Any) -> Slate:
        asked = {"person": Person(user_id=user_id), "as_of": NOW_MS, "count": 3}
        query = Query(**{**asked, **fields})
        return asyncio.run(recommend(loop, query, NOW_MS))

    return asked
