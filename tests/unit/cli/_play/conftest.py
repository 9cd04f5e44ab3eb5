"""A shop of four items whose shoppers like everything, and clients that only take notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import polars as pl
import pytest

from coadapt.cli._play import filling, performance
from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.scene import Scene
from coadapt.cli._play.service import Service
from coadapt.simulation.worlds.base import Goods, World

JSON = dict[str, Any]


class ClosingTimeError(Exception):
    """End a play that would go on forever."""


class NotingClient:
    """Answer every question with the same slate and note what was sent."""

    def __init__(self, item_ids: Sequence[str], max_events: int = 10**9) -> None:
        self.item_ids = list(item_ids)
        self.gauges = Gauges(started_s=0.0)
        self.sent: list[JSON] = []
        self.asked: list[JSON] = []
        self.projects: list[str | None] = []
        self._max_events = max_events

    async def recommend(self, person: JSON, count: int, project: str | None = None) -> JSON | None:
        self.asked.append(person)
        self.projects.append(project)
        if not self.item_ids:
            return None
        items = [{"item_id": item_id} for item_id in self.item_ids[:count]]
        return {"items": items, "recommendation_id": f"r-{len(self.asked)}"}

    async def trending(self, count: int) -> list[str]:
        return self.item_ids[:count]

    async def send(self, events: Iterable[JSON], project: str | None = None) -> None:
        self.sent.extend(events)
        self.projects.append(project)
        if len(self.sent) >= self._max_events:
            raise ClosingTimeError


class CountingClient(NotingClient):
    """Take the place of the HTTP client, and count."""

    n_refused = 0

    async def __aenter__(self) -> CountingClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close nothing."""

    async def wait_until_ready(self) -> None:
        """Be ready at once."""

    async def put_items(self, items: list[dict[str, Any]]) -> None:
        self.described = items

    async def send(self, events: Any, project: str | None = None) -> None:
        events = list(events)
        self.gauges.n_events += len(events)
        self.gauges.n_errors += self.n_refused
        await super().send(events, project)


@pytest.fixture
def world() -> World:
    """Return four items of two categories and six shoppers, three of them known."""
    table = pl.DataFrame(
        {
            "item_id": ["tea", "lamp", "a/b", "🎉"],
            "title": ["Tea", "Lamp", None, "Party"],
            "category": ["x", "y", "x", "y"],
            "price": [2.5, 30.0, None, 1.0],
        }
    )
    features = np.array([[1.0, 0], [0, 1], [1, 0], [0, 1]])
    goods = Goods(table, features, np.array([0.0, 3, 1, 2]), np.full((4, 1), -1))
    ids = [f"s{n}" for n in range(6)]
    return World(goods, ids, n_known=3, tastes=np.zeros((6, 2)), baseline=20.0)


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    """Return a file of ratings as MovieLens has them."""
    file = tmp_path / "u.data"
    rows = [
        f"{u}\t{(u + i) % 30 + 1}\t4\t{880_000_000 + 9 * i}" for u in range(40) for i in range(9)
    ]
    file.write_text("\n".join(rows) + "\n")
    return file


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> CountingClient:
    """Return what takes the place of every client."""
    shop = CountingClient(["tea", "lamp"])
    for module in (filling, performance):
        monkeypatch.setattr(module, "ShopClient", lambda url, gauges: shop)
    monkeypatch.setattr("coadapt.cli._play.showcase.MAX_WAIT_S", 0.0)
    return shop


@pytest.fixture
def scene(world: World) -> Scene:
    """Return the world with a past of likes."""
    past = pl.DataFrame({"type": ["like"] * 2_500, "item_id": ["tea", None] * 1_250})
    return Scene(world, past, {}, is_made_up=True)


@pytest.fixture
def service() -> Mock:
    """Return a service that runs."""
    return Mock(spec=Service, url="http://127.0.0.1:1")
