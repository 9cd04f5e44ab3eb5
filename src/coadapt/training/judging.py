"""Judge a finished run on the events that its own config holds out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from coadapt.data.splitting import HeldOut
from coadapt.domain.errors import DataError
from coadapt.evaluation.offline import Evaluation, evaluate
from coadapt.stores.base import RunStore
from coadapt.training.config import RunConfig
from coadapt.training.load import LoadedRecommender, load_recommender
from coadapt.training.preparing import Prepared, Surroundings, prepare

Part = Literal["validation", "test"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold a run's evaluation on one part of its data.

    `basis` names what was asked: equal for runs that were given the same pasts and targets.
    `missed_share` of the targets were seen before, and no hit is possible where those are skipped.
    """

    run_id: str
    part: Part
    evaluation: Evaluation
    basis: str
    missed_share: float


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
    """Evaluate a run on its held-out test (or validation) events and keep the result beside it.

    Raises DataError where the run has learnt from these events.
    """
    loaded, prepared = open_with_data(run_store, run_id, surroundings, data)
    if part == "validation" and loaded.config.training.refit:
        raise DataError("a refitted run has seen its validation events; judge it on test")
    held_out = prepared.split.test if part == "test" else prepared.split.validation
    item_counts = prepared.split.train.item_counts
    evaluation = evaluate(loaded.recommender, held_out, item_counts, loaded.config.evaluation)
    record = {"part": part, "at_ms": surroundings.now_ms, **evaluation.to_dict()}
    run_store.record(run_id, record)
    basis = _basis(held_out, loaded.config)
    missed_share = held_out.seen_share if loaded.config.evaluation.skip_seen else 0.0
    return Judgement(run_id, part, evaluation, basis, missed_share)


def same_basis(judgements: Sequence[Judgement]) -> None:
    """Raise DataError unless all were asked the same questions."""
    first, *others = judgements
    for other in others:
        if other.basis != first.basis:
            raise DataError(
                f"{other.run_id} was not asked what {first.run_id} was: their data, preprocessing "
                "or split differ, so their figures cannot be compared"
            )


def _basis(held_out: HeldOut, config: RunConfig) -> str:
    """Return the hash of what is known, what is to be predicted, and whether known items count."""
    digest = sha256(bytes([config.evaluation.skip_seen]))
    for part in (held_out.histories, held_out.targets):
        digest.update(part.rows.tobytes())
        digest.update(part.offsets.tobytes())
    return digest.hexdigest()
