"""Lay out what a run keeps beside its card: config, weights, vocabulary, metrics and journal."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from coadapt.evaluation.offline import Evaluation
from coadapt.nn.precision import fastest_precision
from coadapt.recommenders.base import Recommender
from coadapt.stores.arrays import save_arrays
from coadapt.stores.open import without_password
from coadapt.training.config import RunConfig
from coadapt.training.fitting import is_network
from coadapt.training.journal import Journal
from coadapt.training.preparing import Prepared


def run_files(
    config: RunConfig,
    prepared: Prepared,
    recommender: Recommender[Any],
    evaluation: Evaluation,
    journal: Journal,
) -> dict[str, bytes]:
    """Return a run's files by name, all but the card."""
    return {
        "run.toml": _repeatable(config, prepared, recommender).to_toml().encode(),
        "weights.safetensors": save_arrays(recommender.weights()),
        "validation.safetensors": save_arrays(_values_by_user(evaluation)),
        "vocabulary.json": json.dumps(prepared.dataset.item_ids.ids, ensure_ascii=False).encode(),
        "metrics.json": json.dumps(evaluation.to_dict(), indent=1).encode(),
        "preprocessing.json": json.dumps(prepared.report.to_dict(), indent=1).encode(),
        "progress.jsonl": journal.text().encode(),
    }


def _values_by_user(evaluation: Evaluation) -> dict[str, npt.NDArray[Any]]:
    """Return each user's metrics where all are defined, beside the rows of the users."""
    defined = {name: v for name, v in evaluation.values.items() if np.isfinite(v).all()}
    return {"users": evaluation.users, **defined}


def _repeatable(config: RunConfig, prepared: Prepared, recommender: Recommender[Any]) -> RunConfig:
    """Return the config that repeats a training: of the log, up to the last event it read.

    A network multiplies in the same numbers again. A store's password is not written down; the
    environment gives it again.
    """
    if is_network(recommender) and config.training.precision is None:
        measured = {"precision": fastest_precision()}
        training = config.training.model_copy(update=measured)
        config = config.model_copy(update={"training": training})
    if prepared.reading.last_position is None:
        return config
    place = {
        "until": prepared.reading.last_position,
        "path": without_password(config.data.path),
    }
    return config.model_copy(update={"data": config.data.model_copy(update=place)})
