"""Compare a new run with the champion on the newest slice: what the new run held out.

`python -m coadapt.serving.contest RUNS NEW CHAMPION NOW_MS` prints both runs' metrics as JSON, from
the log that COADAPT_STORE_URL names; the service runs it as a child, as it does trainings.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from coadapt.data.batches import IntArray
from coadapt.data.splitting import HeldOut
from coadapt.domain.errors import DataError
from coadapt.evaluation.offline import evaluate
from coadapt.serving.renumbering import Renumbered
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
        Renumbered(champion.recommender, rows),
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
