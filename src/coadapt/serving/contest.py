"""Compare a new run with the champion on the newest slice: what the new run held out.

`python -m coadapt.serving.contest RUNS NEW CHAMPION NOW_MS` prints both runs' metrics as JSON, from
the log that COADAPT_STORE_URL names; the service runs it as a child, as it does trainings.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from typing_extensions import override

from coadapt.data.batches import Histories, IntArray, Scores
from coadapt.data.dataset import Dataset
from coadapt.data.splitting import HeldOut
from coadapt.domain.errors import DataError
from coadapt.domain.resources import Resources
from coadapt.evaluation.offline import evaluate
from coadapt.recommenders.base import Recommender, Weights
from coadapt.serving.rules import STORE_URL
from coadapt.stores.arrays import load_arrays
from coadapt.stores.base import RunStore
from coadapt.stores.files import FileRunStore
from coadapt.training.judging import open_with_data
from coadapt.training.load import LoadedRecommender, load_recommender
from coadapt.training.preparing import Surroundings


@dataclass(frozen=True, slots=True)
class Contest:
    """Hold both runs' metrics on the same held-out events, means over users."""

    new: dict[str, float]
    champion: dict[str, float]


class _InNewRows(Recommender[Any]):
    """Let a run answer in the item rows of another; items that it does not know score -inf.

    `rows` holds its own row of each of the other's items, -1 where it has none.
    """

    def __init__(self, recommender: Recommender[Any], rows: IntArray) -> None:
        super().__init__(recommender.config)
        self._recommender = recommender
        self._rows = rows

    @override
    def score(self, histories: Histories, candidates: IntArray | None = None) -> Scores:
        own = np.where(histories.rows >= 0, self._rows[histories.rows], -1)
        known = self._rows >= 0
        values = np.full((len(histories), len(self._rows)), -np.inf, np.float32)
        scored = self._recommender.score(replace(histories, rows=own)).values
        values[:, known] = scored[:, self._rows[known]]
        return Scores(values if candidates is None else values[:, candidates], candidates)

    @override
    def fit(self, dataset: Dataset, resources: Resources) -> None:
        self._recommender.fit(dataset, resources)

    @override
    def weights(self) -> Weights:
        return self._recommender.weights()

    @override
    def load_weights(self, weights: Weights) -> None:
        self._recommender.load_weights(weights)


def compete(
    run_store: RunStore, new_run: str, champion_run: str, data: str, surroundings: Surroundings
) -> Contest:
    """Evaluate both runs on validation events of the new one that neither has learnt from.

    The new run's are the metrics of its training, before any refit that saw these events. Raises
    DataError where a refitted champion has seen them all.
    """
    new, prepared = open_with_data(run_store, new_run, surroundings, data)
    champion = load_recommender(run_store, champion_run)
    validation = prepared.split.validation
    unseen = _unseen_by(champion, validation, prepared.reading.table.events)
    if not len(unseen):
        raise DataError("no event is newer than the champion's training: there is nothing to judge")
    rows = champion.vocabulary.rows(prepared.dataset.item_ids.ids)
    evaluation = evaluate(
        _InNewRows(champion.recommender, rows),
        validation.take(unseen),
        prepared.split.train.item_counts,
        new.config.evaluation,
    )
    by_user = load_arrays(run_store.open(new_run)["validation.safetensors"])
    means = {name: float(v[unseen].mean()) for name, v in by_user.items() if name != "users"}
    return Contest(means, evaluation.means())


def _unseen_by(champion: LoadedRecommender, validation: HeldOut, events: pl.DataFrame) -> IntArray:
    """Return which held-out users have targets that a champion has not learnt from.

    A refit learns from validation events too, so only what is newer than its data counts then.
    """
    last = champion.manifest.last_position
    if not champion.config.training.refit or last is None:
        return np.arange(len(validation))
    newest = events.filter(pl.col("line") <= last)["timestamp"].max()
    if newest is None:
        return np.arange(len(validation))
    oldest_target = np.minimum.reduceat(validation.targets.times, validation.targets.offsets[:-1])
    return np.flatnonzero(oldest_target > int(str(newest)))


def main(arguments: Sequence[str], data: str) -> str:
    """Return the contest of RUNS NEW CHAMPION NOW_MS as JSON."""
    runs, new_run, champion_run, now_ms = arguments
    store = FileRunStore(Path(runs))
    contest = compete(store, new_run, champion_run, data, Surroundings(int(now_ms)))
    return json.dumps({"new": contest.new, "champion": contest.champion})


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:], os.environ[STORE_URL]) + "\n")
