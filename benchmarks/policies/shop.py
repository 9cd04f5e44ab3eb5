"""Serve a made-up shop, in this process, to people whose clicks are drawn from its truth."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person, Query
from coadapt.domain.slates import Slate
from coadapt.serving.describe import put_items
from coadapt.serving.ingest import ingest
from coadapt.serving.loop import Loop, LoopOptions, assemble
from coadapt.serving.promote import add_and_promote
from coadapt.serving.recommend import recommend
from coadapt.simulation.behavior import Reaction, react
from coadapt.simulation.worlds.base import World
from coadapt.simulation.worlds.shop import ShopConfig, make_shop
from coadapt.stores.files import FileRunStore
from coadapt.stores.memory import MemoryFeatureStore
from coadapt.stores.sql import SqlEventStore
from coadapt.training.config import parse_run_config
from coadapt.training.pipeline_config import PolicyChoice
from coadapt.training.policy_config import PolicyRunConfig, parse_policy_config
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train

N_SHOPPERS: Final = 5_000
"""So many that a policy hardly uses up what people like while it is counted."""

N_PLACES: Final = 5
N_AT_ONCE: Final = 32
SLATES_A_VISIT: Final = (2, 7)
BATCH: Final = 1_000


@dataclass(frozen=True)
class Shop:
    """Hold a shop, its past, and the run that learned from it."""

    folder: Path
    world: World
    past: pl.DataFrame
    run: str
    now_ms: int

    @classmethod
    def make(cls, folder: Path, seed: int) -> Shop:
        """Make a shop up and train EASE on its past."""
        now_ms = time.time_ns() // 1_000_000
        world, past = make_shop(ShopConfig(n_shoppers=N_SHOPPERS, seed=seed), now_ms)
        file = folder / "past.parquet"
        past.write_parquet(file)
        document = {
            "data": {"source": "events_file", "path": str(file)},
            "recommender": {"name": "ease"},
            "training": {"seed": seed},
        }
        config = parse_run_config(document, "shop")
        manifest = train(config, FileRunStore(folder / "runs"), Surroundings(now_ms))
        return cls(folder, world, past, manifest.run_id, now_ms)

    @property
    def runs(self) -> FileRunStore:
        """Return where the run is kept."""
        return FileRunStore(self.folder / "runs")

    def let_loose(self, policy: PolicyChoice, n_slates: int, name: str, seed: int) -> str:
        """Let a policy serve from the same past on, and return the URL of the log."""
        url = f"sqlite:///{self.folder / name}.db"
        loop = assemble(
            SqlEventStore(url),
            MemoryFeatureStore(),
            self.runs,
            options=LoopOptions(seed=seed),
        )
        try:
            asyncio.run(_fill(loop, self))
            document = {"recommender": self.run, "policy": policy.model_dump()}
            add_and_promote(loop, "default", document)
            asyncio.run(_Crowd(loop, self, seed).play(n_slates))
        finally:
            loop.close()
        return url

    def config(self, url: str, policy: PolicyChoice, **off_policy: Any) -> PolicyRunConfig:
        """Return what judges a policy by a log."""
        document = {
            "kind": "policy",
            "data": {"source": "log", "path": url, "until": 2**40},
            "pipeline": {"recommender": self.run, "policy": policy.model_dump()},
            "off_policy": off_policy,
        }
        return parse_policy_config(document, "shop")


class _Crowd:
    """Play shoppers, some at once, until enough slates were shown."""

    def __init__(self, loop: Loop, shop: Shop, seed: int) -> None:
        self._loop = loop
        self._world = shop.world
        self._seed = seed
        self._visits = count()
        self._n_left = 0
        self._now_ms = count(shop.now_ms + 1)

    async def play(self, n_slates: int) -> None:
        """Let shoppers come one after another on each of so many places."""
        self._n_left = n_slates
        await asyncio.gather(*(self._come_and_go() for _ in range(N_AT_ONCE)))

    async def _come_and_go(self) -> None:
        """Play one visit after another."""
        while self._n_left > 0:
            random = np.random.default_rng((self._seed, next(self._visits)))
            shopper = int(random.integers(len(self._world.shopper_ids)))
            last = -1
            for _ in range(random.integers(*SLATES_A_VISIT)):
                self._n_left -= 1
                last = await self._show(shopper, last, random)

    async def _show(self, shopper: int, last: int, random: np.random.Generator) -> int:
        """Show a slate and send what is clicked; return the row of what was clicked last."""
        person = Person(user_id=self._world.shopper_ids[shopper])
        at_ms = next(self._now_ms)
        query = Query(person, at_ms, count=N_PLACES)
        slate = await recommend(self._loop, query, at_ms)
        row_of = self._world.goods.row_of
        items = np.array([row_of[item.item_id] for item in slate.items])
        clicked = react(self._world, shopper, items, last, random)
        if not clicked:
            return last
        bodies = [_click(person, slate, each, next(self._now_ms)) for each in clicked]
        await ingest(self._loop, bodies, Arrival(next(self._now_ms), self._loop.new_id))
        return clicked[-1].item


async def _fill(loop: Loop, shop: Shop) -> None:
    """Send the catalogue and the past."""
    arrival = Arrival(shop.now_ms, loop.new_id)
    rows = [_without_nulls(row) for row in shop.world.goods.table.to_dicts()]
    await put_items(loop, [(row.pop("item_id"), row) for row in rows], arrival)
    for part in shop.past.iter_slices(BATCH):
        receipt = await ingest(loop, [_without_nulls(event) for event in part.to_dicts()], arrival)
        assert not receipt.rejected, receipt.rejected[0]


def _without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is unknown."""
    return {name: value for name, value in row.items() if value is not None}


def _click(person: Person, slate: Slate, reaction: Reaction, at_ms: int) -> dict[str, Any]:
    """Return a click as a client sends it."""
    return {
        "type": "select_item",
        "timestamp": at_ms,
        "user_id": person.user_id,
        "item_id": slate.items[reaction.position - 1].item_id,
        "recommendation_id": slate.recommendation_id,
        "position": reaction.position,
    }
