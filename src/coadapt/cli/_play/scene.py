"""Make the world that is played, with its past: a made-up shop, or one of real data."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from coadapt.cli._play.play import Wishes
from coadapt.data.sources.base import detect_source, make_source
from coadapt.domain.errors import ConfigError
from coadapt.domain.progress import Progress
from coadapt.simulation.worlds.base import World
from coadapt.simulation.worlds.recorded import make_recorded
from coadapt.simulation.worlds.shop import ShopConfig, make_shop

MAX_PAST_EVENTS: Final = 30_000


@dataclass(frozen=True)
class Scene:
    """Hold a world with its past as events, and where data to train on is found.

    Without `has_times` nothing is the last event of anybody, so a random one is held out.
    """

    world: World
    past: pl.DataFrame
    data: dict[str, Any]
    is_made_up: bool
    has_times: bool = True


def make_scene(wishes: Wishes, folder: Path, progress: Progress) -> Scene:
    """Make up a shop, or make a world of the data that are named. Raises DataError, ConfigError."""
    now_ms = time.time_ns() // 1_000_000
    if wishes.source is None and wishes.path:
        raise ConfigError("--path needs --source: movielens, auto, or a name", field="source")
    if wishes.source is None:
        world, past = make_shop(ShopConfig(seed=wishes.seed), now_ms)
        file = folder / "events.parquet"
        past.write_parquet(file)
        return Scene(world, past, {"source": "events_file", "path": str(file)}, is_made_up=True)
    if not wishes.path:
        raise ConfigError("--source needs --path: the file or folder of the data", field="path")
    path = Path(wishes.path).expanduser()
    name = detect_source(path) if wishes.source in ("auto", "movielens") else wishes.source
    table = make_source(name).read(path, progress)
    world, past = make_recorded(table, MAX_PAST_EVENTS, now_ms, wishes.seed)
    data = {"source": name, "path": str(path)}
    return Scene(world, past, data, is_made_up=False, has_times=table.has_times)
