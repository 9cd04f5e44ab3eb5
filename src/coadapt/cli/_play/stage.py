"""Prepare what is played: a world, its past, a trained run and the settings of a service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import tomli_w

from coadapt.cli._options import surroundings
from coadapt.cli._play.play import Validation, Wishes
from coadapt.data.sources.base import detect_source, make_source
from coadapt.domain.errors import ConfigError
from coadapt.domain.events import DEFAULT_PROJECT
from coadapt.domain.manifests import Manifest
from coadapt.domain.progress import Progress
from coadapt.serving.pipeline import PipelineConfig, PolicyChoice
from coadapt.serving.promote import CHAMPION
from coadapt.simulation.worlds.base import World
from coadapt.simulation.worlds.recorded import make_recorded
from coadapt.simulation.worlds.shop import ShopConfig, make_shop
from coadapt.stores.files import FileRunStore
from coadapt.training.config import RunConfig, parse_run_config
from coadapt.training.run import train

STILL: Final = "still"
"""The project whose pipeline never explores: there only an event can change a slate."""

METRIC: Final = "ndcg@10"
MAX_PAST_EVENTS: Final = 30_000

_FAST: Final[dict[str, dict[str, Any]]] = {
    "sasrec": {
        "embedding_dim": 32,
        "max_length": 24,
        "max_epochs": 14,
        "logit_scale": 12.0,
        "warmup_steps": 20,
        "learning_rate": 6e-3,
        "max_tokens": 512,
    },
}
"""Hyperparameters that suit the made-up shop; other data and methods keep their defaults."""


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


def train_on(scene: Scene, wishes: Wishes, folder: Path, progress: Progress) -> Validation:
    """Train popularity and the wished method on the same split and return how good both are."""
    runs = FileRunStore(folder / "runs")
    options = _FAST.get(wishes.method, {}) if scene.is_made_up else {}
    popular = _train("popularity", {}, scene, wishes, runs, progress)
    chosen = _train(wishes.method, options, scene, wishes, runs, progress)
    return Validation(
        metric=METRIC,
        method=wishes.method,
        value=chosen.metrics[METRIC],
        popularity=popular.metrics[METRIC],
        run=chosen.run_id,
    )


def write_settings(folder: Path, run: str, port: int) -> Path:
    """Point both projects' champions at the run and return the settings of the service.

    The default project explores by Plackett-Luce, `still` is greedy.
    """
    runs = FileRunStore(folder / "runs")
    for project, policy in ((DEFAULT_PROJECT, "plackett_luce"), (STILL, "greedy")):
        pipeline = PipelineConfig(
            name=project, project=project, recommender=run, policy=PolicyChoice(name=policy)
        )
        reference = runs.add_pipeline(project, pipeline.model_dump(mode="json", exclude_none=True))
        runs.set_alias(project, reference, CHAMPION)
    settings = {
        "store_url": f"sqlite:///{folder / 'log.db'}",
        "runs": str(folder / "runs"),
        "port": port,
        "projects": {STILL: {"replay": False}},
    }
    path = folder / "coadapt.toml"
    path.write_text(tomli_w.dumps(settings), encoding="utf-8")
    return path


def _train(
    name: str,
    options: dict[str, Any],
    scene: Scene,
    wishes: Wishes,
    runs: FileRunStore,
    progress: Progress,
) -> Manifest:
    """Train one method on the scene's data."""
    document = {
        "data": scene.data,
        "split": {"kind": "leave_last_out" if scene.has_times else "per_user_holdout"},
        "recommender": {"name": name, "options": options},
        "training": {"seed": wishes.seed},
        "evaluation": {"ks": [10], "metrics": ["ndcg"], "n_bootstrap": 100},
    }
    config: RunConfig = parse_run_config(document, "playground")
    return train(config, runs, surroundings(None, progress))
