"""Turn a value run on disk back into a model that can forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from coadapt.domain.errors import RunError
from coadapt.domain.manifests import Manifest
from coadapt.stores.arrays import load_arrays
from coadapt.stores.base import RunStore
from coadapt.training.load import file_of, read_config_of
from coadapt.training.value_config import ValueRunConfig, parse_value_config
from coadapt.value.base import ValueModel, Weights
from coadapt.value.segments import SegmentThresholds


@dataclass(frozen=True, slots=True)
class LoadedValue:
    """Hold a value model with an empty state, and what its run knows beside it."""

    model: ValueModel[Any]
    thresholds: SegmentThresholds
    manifest: Manifest
    config: ValueRunConfig
    learned: Weights

    def anew(self) -> LoadedValue:
        """Return the same run with another model, whose state is empty."""
        model = self.config.make_model()
        model.load_weights(self.learned)
        return replace(self, model=model)


def load_value(run_store: RunStore, run_id: str) -> LoadedValue:
    """Check a run's format and hashes, validate its config and load its weights.

    Raises NotFoundError, RunError.
    """
    manifest = run_store.manifest(run_id)
    if manifest.kind != "value":
        raise RunError(f"run {run_id} holds a {manifest.kind}, not a value model")
    files = run_store.open(run_id)
    config = read_config_of(files, run_id, parse_value_config)
    model = config.make_model()
    weights = load_arrays(file_of(files, "weights.safetensors", run_id))
    try:
        model.load_weights(weights)
        model.value(np.zeros(1, np.int64), 0)
    except (KeyError, ValueError, IndexError, RuntimeError) as error:
        raise RunError(f"run {run_id}: weights.safetensors does not fit its config") from error
    return LoadedValue(model, _thresholds(files, run_id), manifest, config, weights)


def _thresholds(files: Mapping[str, Path], run_id: str) -> SegmentThresholds:
    """Read the thresholds of the segments. Raises RunError."""
    content = file_of(files, "segments.json", run_id).read_bytes()
    names = {field.name for field in fields(SegmentThresholds)}
    try:
        numbers = msgspec.json.decode(content, type=dict[str, float])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunError(f"run {run_id}: segments.json is not a table of numbers") from error
    if set(numbers) != names:
        raise RunError(f"run {run_id}: segments.json has unknown or missing thresholds")
    return SegmentThresholds(**numbers)
