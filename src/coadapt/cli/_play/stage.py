"""Set the stage for the service: the champions of both projects, and its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import tomli_w

from coadapt.domain.events import DEFAULT_PROJECT
from coadapt.serving.promote import CHAMPION
from coadapt.stores.files import FileRunStore
from coadapt.training.pipeline_config import PipelineConfig, PolicyChoice

STILL: Final = "still"
"""The project whose pipeline never explores: there only an event can change a slate."""


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
