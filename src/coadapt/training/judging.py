"""Judge a finished run on the events that its own config holds out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coadapt.domain.errors import DataError
from coadapt.evaluation.offline import Evaluation
from coadapt.stores.base import RunStore
from coadapt.training.load import LoadedRecommender, load_recommender
from coadapt.training.preparing import Prepared, Surroundings, prepare
from coadapt.training.run import judge

Part = Literal["validation", "test"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold a run's evaluation on one part of its data."""

    run_id: str
    part: Part
    evaluation: Evaluation


def open_with_data(
    run_store: RunStore, run_id: str, surroundings: Surroundings, data: str | None = None
) -> tuple[LoadedRecommender, Prepared]:
    """Load a run and prepare its data again. Raises DataError where the data has changed."""
    loaded = load_recommender(run_store, run_id)
    config = loaded.config
    if data is not None:
        path = config.data.model_copy(update={"path": data})
        config = config.model_copy(update={"data": path})
    prepared = prepare(config, surroundings)
    if prepared.dataset.fingerprint != loaded.manifest.dataset_fingerprint:
        raise DataError(
            f"the data is not what run {run_id} was trained on (fingerprints differ), so what it "
            "held out is unknown: name the same data by --data, or train again"
        )
    return loaded, prepared


def judge_run(
    run_store: RunStore,
    run_id: str,
    surroundings: Surroundings,
    part: Part = "test",
    data: str | None = None,
) -> Judgement:
    """Evaluate a run on its held-out test (or validation) events and keep the result beside it."""
    loaded, prepared = open_with_data(run_store, run_id, surroundings, data)
    held_out = prepared.split.test if part == "test" else prepared.split.validation
    evaluation = judge(loaded.recommender, held_out, prepared, loaded.config)
    record = {"part": part, "at_ms": surroundings.now_ms, **evaluation.to_dict()}
    run_store.record(run_id, record)
    return Judgement(run_id, part, evaluation)
