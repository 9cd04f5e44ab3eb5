"""Train what is played, beside popularity, on the past of the scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from coadapt.cli._options import surroundings
from coadapt.cli._play.play import Validation, Wishes
from coadapt.cli._play.scene import Scene
from coadapt.domain.progress import Progress
from coadapt.stores.files import FileRunStore
from coadapt.training.config import RunConfig, parse_run_config
from coadapt.training.run import train

METRIC: Final = "ndcg@10"

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


def train_on(scene: Scene, wishes: Wishes, folder: Path, progress: Progress) -> Validation:
    """Train popularity and the wished method on the same split and return how good both are."""
    runs = FileRunStore(folder / "runs")
    options = _FAST.get(wishes.method, {}) if scene.is_made_up else {}
    _, popularity = _train("popularity", {}, scene, wishes, runs, progress)
    run, value = _train(wishes.method, options, scene, wishes, runs, progress)
    return Validation(
        metric=METRIC,
        method=wishes.method,
        value=value,
        popularity=popularity,
        run=run,
    )


def _train(
    name: str,
    options: dict[str, Any],
    scene: Scene,
    wishes: Wishes,
    runs: FileRunStore,
    progress: Progress,
) -> tuple[str, float]:
    """Train one method on the scene's data; return the run and how good it is."""
    document = {
        "data": scene.data,
        "split": {"kind": "leave_last_out" if scene.has_times else "per_user_holdout"},
        "recommender": {"name": name, "options": options},
        "training": {"seed": wishes.seed},
        "evaluation": {"ks": [10], "metrics": ["ndcg"], "n_bootstrap": 100},
    }
    config: RunConfig = parse_run_config(document, "playground")
    manifest = train(config, runs, surroundings(None, progress))
    return manifest.run_id, manifest.metrics[METRIC]
