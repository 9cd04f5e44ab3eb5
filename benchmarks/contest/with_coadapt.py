"""Play our own methods through the package's public calls, in the same harness as the peers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from coadapt.data.batches import Histories
from coadapt.data.dataset import Dataset, Vocabulary
from coadapt.domain.resources import Resources
from coadapt.plugins import load_plugin
from coadapt.training.config import ComponentConfig, RunConfig, read_run_config
from contest.play import Job, Watch, play
from contest.split import Pasts, Ragged, Split


class Method:
    """Fit and score one of our recommenders."""

    def __init__(self, config: RunConfig, job: Job, n_items: int) -> None:
        self.config, self.job, self.n_items = config, job, n_items
        self.recommender = config.make_recommender()

    def fit(self, events: Ragged) -> None:
        """Fit a method that is no network."""
        resources = Resources(seed=self.job.seed, n_threads=self.job.n_threads)
        with threadpool_limits(self.job.n_threads):
            self.recommender.fit(_dataset(events, self.n_items), resources)

    def train(self, events: Ragged, watch: Watch) -> None:
        """Train a network by the strategy that its config names; OMP_NUM_THREADS holds here."""
        resources = Resources(
            seed=self.job.seed,
            n_threads=self.job.n_threads,
            validate=watch.epoch_done,
            should_stop=watch.out_of_budget,
        )
        strategy = load_plugin("training/strategies", self.config.training.strategy)()
        dataset = _dataset(events, self.n_items)
        watch.start()
        strategy.fit(self.recommender, dataset, resources)

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Score histories; who the user is does not matter."""
        scores: npt.NDArray[np.float32] = self.recommender.score(_histories(pasts.known)).values
        return scores

    def top(self, pasts: Pasts) -> None:
        """Ask for ten."""
        with threadpool_limits(self.job.n_threads):
            self.recommender.top(_histories(pasts.known), 10)


def _histories(events: Ragged) -> Histories:
    """Return the same events as our type, without copying."""
    types = np.zeros(len(events.items), np.int64)
    return Histories(events.items, types, events.times, events.values, events.offsets)


def _dataset(events: Ragged, n_items: int) -> Dataset:
    """Return the same events as our type; ids are row numbers."""
    return Dataset(
        users=np.repeat(np.arange(len(events)), events.lengths),
        items=events.items,
        types=np.zeros(len(events.items), np.int64),
        times=events.times,
        values=events.values,
        user_ids=Vocabulary([str(row) for row in range(len(events))]),
        item_ids=Vocabulary([str(row) for row in range(n_items)]),
        type_names=("event",),
    )


def make(job: Job, setting: dict[str, Any], split: Split) -> Method:
    """Make the method that a job's config names, with a setting's options instead of its own."""
    config = read_run_config(Path(job.config))
    options = {**config.recommender.options, **setting}
    component = ComponentConfig(name=config.recommender.name, options=options)
    config = config.model_copy(update={"recommender": component}).resolved()
    return Method(config, job, split.n_items)


if __name__ == "__main__":
    play(make)
