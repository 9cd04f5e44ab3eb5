"""Train a value model as its config says and keep everything about it as a run."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from coadapt.domain.manifests import Manifest
from coadapt.stores.arrays import save_arrays
from coadapt.stores.base import RunStore
from coadapt.stores.open import without_password
from coadapt.training.forecast_judging import judge_at
from coadapt.training.forecasting import cutoffs_of, end_of, fit_at
from coadapt.training.preparing import Surroundings
from coadapt.training.standing import thresholds_at
from coadapt.training.stream_reading import StreamReading, read_stream
from coadapt.training.value_card import render_value_card
from coadapt.training.value_config import ValueRunConfig
from coadapt.training.value_facts import facts_of


def train_value(
    config: ValueRunConfig, run_store: RunStore, surroundings: Surroundings
) -> Manifest:
    """Judge at the cut-offs, then fit on everything, and return the manifest of the new run."""
    started = time.perf_counter()
    config = config.resolved()
    reading = read_stream(config, surroundings)
    cutoffs = cutoffs_of(config, reading.stream)
    judged = judge_at(config, reading.stream, cutoffs, surroundings.progress)
    as_of = end_of(reading.stream)
    model, journal = fit_at(config, reading.stream, as_of, surroundings.progress)
    thresholds = thresholds_at(model, reading.stream, as_of, surroundings.progress)
    facts = facts_of(config, reading, judged, surroundings)
    facts["seconds"] = round(time.perf_counter() - started, 3)
    files = {
        "run.toml": _repeatable(config, reading).to_toml().encode(),
        "weights.safetensors": save_arrays(model.weights()),
        "metrics.json": json.dumps(judged.to_dict(), indent=1).encode(),
        "segments.json": json.dumps(asdict(thresholds), indent=1).encode(),
        "progress.jsonl": journal.text().encode(),
        "card.md": render_value_card(config, facts, reading, judged, thresholds).encode(),
    }
    return run_store.add(facts["run_id"], files, facts)


def _repeatable(config: ValueRunConfig, reading: StreamReading) -> ValueRunConfig:
    """Return the config that repeats a training: currency named, the log up to what it read."""
    currencies = config.currencies.model_copy(update={"base": reading.currency})
    data = config.data
    if reading.last_position is not None:
        place = {"until": reading.last_position, "path": without_password(data.path)}
        data = data.model_copy(update=place)
    return config.model_copy(update={"currencies": currencies, "data": data})
