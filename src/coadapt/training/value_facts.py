"""Say what the manifest of a value run says."""

from __future__ import annotations

from typing import Any

import coadapt
from coadapt.training.forecast_judging import Judged
from coadapt.training.preparing import Surroundings
from coadapt.training.run import created_at, run_id
from coadapt.training.stream_reading import StreamReading
from coadapt.training.value_config import ValueRunConfig


def facts_of(
    config: ValueRunConfig, reading: StreamReading, judged: Judged, surroundings: Surroundings
) -> dict[str, Any]:
    """Return what the manifest says."""
    return {
        "run_id": run_id(config.to_toml(), config.value.name, surroundings.now_ms),
        "kind": config.kind,
        "name": config.value.name,
        "package_version": coadapt.__version__,
        "created_at": created_at(surroundings.now_ms),
        "seed": config.training.seed,
        "dataset_fingerprint": reading.stream.fingerprint,
        "n_items": reading.stream.n_items,
        "commit": surroundings.commit,
        "parent": surroundings.parent,
        "metrics": judged.means(),
        "first_position": reading.first_position,
        "last_position": reading.last_position,
        "project": config.data.project if config.data.source == "log" else None,
    }
