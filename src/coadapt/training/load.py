"""Turn a run on disk back into a component that can answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coadapt.data.batches import Histories
from coadapt.data.dataset import Vocabulary
from coadapt.domain.errors import DataError
from coadapt.domain.manifests import Manifest
from coadapt.recommenders.base import Recommender
from coadapt.stores.base import RunStore
from coadapt.training.config import RunConfig, parse_run_config
from coadapt.training.opened_run import OpenedRun

NO_IDS: Final = "vocabulary.json is not a list of different ids; train again"


@dataclass(frozen=True, slots=True)
class LoadedRecommender:
    """Hold a recommender that is ready to score, with the item ids of its rows."""

    recommender: Recommender[Any]
    vocabulary: Vocabulary
    manifest: Manifest
    config: RunConfig


def load_recommender(run_store: RunStore, run_id: str) -> LoadedRecommender:
    """Check a run's format and hashes, validate its config and load its weights.

    Raises NotFoundError, RunError.
    """
    run = OpenedRun.of(run_store, run_id, "recommender", "recommender")
    config = run.config(parse_run_config)
    recommender = config.make_recommender()
    weights = run.weights()
    with run.trying_weights():
        recommender.load_weights(weights)
        _try_out(recommender, run.manifest)
    vocabulary = _vocabulary(run)
    if len(vocabulary) != run.manifest.n_items:
        raise run.refusal("vocabulary.json has not one id for each of its items")
    return LoadedRecommender(recommender, vocabulary, run.manifest, config)


def _try_out(recommender: Recommender[Any], manifest: Manifest) -> None:
    """Score one history. Raises ValueError unless there is a score for every item."""
    scores = recommender.score(Histories.from_rows([np.zeros(1, np.int64)])).values
    if scores.shape != (1, manifest.n_items):
        raise ValueError(f"{scores.shape[1]} scores for {manifest.n_items} items")


def _vocabulary(run: OpenedRun) -> Vocabulary:
    """Read the item ids of a run in row order. Raises RunError."""
    ids = run.json("vocabulary.json", list[str], NO_IDS)
    try:
        return Vocabulary(ids)
    except DataError as error:
        raise run.refusal(NO_IDS) from error
