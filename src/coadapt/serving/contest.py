"""Compare a new run with the champion on the newest slice: what the new run held out.

`python -m coadapt.serving.contest RUNS NEW CHAMPION DATA NOW_MS` prints both runs' metrics as JSON;
the service runs it as a child, as it does trainings.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import override

from coadapt.data.batches import Histories, IntArray, Scores
from coadapt.data.dataset import Dataset
from coadapt.domain.resources import Resources
from coadapt.recommenders.base import Recommender, Weights
from coadapt.stores.base import RunStore
from coadapt.stores.files import FileRunStore
from coadapt.training.judging import open_with_data
from coadapt.training.load import load_recommender
from coadapt.training.preparing import Surroundings
from coadapt.training.run import judge


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
    """Evaluate both runs on the validation events and the catalogue of the new one.

    The new run's are the metrics of its training, before any refit that saw these events.
    """
    new, prepared = open_with_data(run_store, new_run, surroundings, data)
    champion = load_recommender(run_store, champion_run)
    rows = champion.vocabulary.rows(prepared.dataset.item_ids.ids)
    evaluation = judge(
        _InNewRows(champion.recommender, rows), prepared.split.validation, prepared, new.config
    )
    return Contest(dict(new.manifest.metrics), evaluation.means())


def main(arguments: Sequence[str]) -> str:
    """Return the contest of RUNS NEW CHAMPION DATA NOW_MS as JSON."""
    runs, new_run, champion_run, data, now_ms = arguments
    store = FileRunStore(Path(runs))
    contest = compete(store, new_run, champion_run, data, Surroundings(int(now_ms)))
    return json.dumps({"new": contest.new, "champion": contest.champion})


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
