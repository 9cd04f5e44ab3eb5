"""Turn a value run on disk back into a model that can forecast."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from coadapt.domain.manifests import Manifest
from coadapt.stores.base import RunStore
from coadapt.training.opened_run import OpenedRun
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
    run = OpenedRun.of(run_store, run_id, "value", "value model")
    config = run.config(parse_value_config)
    model = config.make_model()
    weights = run.weights()
    with run.trying_weights():
        model.load_weights(weights)
        model.value(np.zeros(1, np.int64), 0)
    return LoadedValue(model, _thresholds(run), run.manifest, config, weights)


def _thresholds(run: OpenedRun) -> SegmentThresholds:
    """Read the thresholds of the segments. Raises RunError."""
    numbers = run.json("segments.json", dict[str, float], "segments.json is not a table of numbers")
    if set(numbers) != {field.name for field in fields(SegmentThresholds)}:
        raise run.refusal("segments.json has unknown or missing thresholds")
    return SegmentThresholds(**numbers)
