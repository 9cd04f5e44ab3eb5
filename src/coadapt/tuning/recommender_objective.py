"""Score a recommender's settings on validation events; test events are never looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import cast

from coadapt.data.folds import folds
from coadapt.data.splitting import Split
from coadapt.domain.progress import Progress, no_progress
from coadapt.evaluation.offline import EvaluationConfig, evaluate
from coadapt.nn.trainable import OptimizerConfig, ends_after
from coadapt.training.config import RunConfig
from coadapt.training.fitting import fit
from coadapt.training.journal import Journal
from coadapt.training.preparing import Prepared, Surroundings, prepare
from coadapt.tuning.executors.base import Watch
from coadapt.tuning.subject import Subject
from coadapt.tuning.trials import Trial


@dataclass(frozen=True)
class RecommenderObjective:
    """Train with a trial's values and rank for validation users, the mean over the folds.

    An epoch's own validation is reported on the way, where there is but one fold: it is an NDCG, so
    that trials are stopped early only where some NDCG is what they are judged by.
    """

    subject: Subject
    n_folds: int = 1
    data_root: Path | None = None

    def check(self, progress: Progress = no_progress) -> str:
        """Read and split the data once and return their fingerprint.

        Raises what every trial would, such as DataError; ConfigError for a log without an end.
        """
        config = cast(RunConfig, self.subject.config)
        prepared = self._prepared(config, progress)
        self.subject.check_pinned(prepared.reading.last_position)
        for _ in self._splits(config, prepared):
            pass
        return prepared.dataset.fingerprint

    def __call__(self, trial: Trial, watch: Watch) -> float:
        """Return the metric so that lower is better."""
        config = cast(RunConfig, self.subject.with_values(trial.values))
        prepared = self._prepared(config)
        figures = [self._figure(config, split, watch) for split in self._splits(config, prepared)]
        return self.subject.goal.loss(fmean(figures))

    def _prepared(self, config: RunConfig, progress: Progress = no_progress) -> Prepared:
        """Read, clean and split."""
        return prepare(config, Surroundings(0, data_root=self.data_root, progress=progress))

    def _splits(self, config: RunConfig, prepared: Prepared) -> Iterator[Split]:
        """Yield the config's own split, or one a fold of what is not test."""
        if self.n_folds == 1:
            yield prepared.split
            return
        for fold in folds(prepared.split.refit, config.split, self.n_folds):
            yield replace(prepared.split, train=fold.train, validation=fold.validation)

    def _figure(self, config: RunConfig, split: Split, watch: Watch) -> float:
        """Train and return the metric on the validation users."""
        goal = self.subject.goal
        is_watched = self.subject.is_watched(self.n_folds)

        def follow(epoch: int, value: float | None) -> bool:
            if not is_watched or value is None:
                return False
            return watch(epoch, -value, is_last=_is_last(epoch, recommender.config, journal))

        recommender = config.make_recommender()
        journal = Journal(config.training.max_cpu_seconds, follow)
        skip_seen = config.evaluation.skip_seen
        fit(recommender, split, config.training, journal=journal, skip_seen=skip_seen)
        measured = EvaluationConfig(
            ks=(goal.k or 10,),
            metrics=(goal.family,),
            n_bootstrap=1,
            skip_seen=skip_seen,
        )
        evaluation = evaluate(recommender, split.validation, split.train.item_counts, measured)
        return evaluation.means()[goal.metric]


def _is_last(epoch: int, config: OptimizerConfig, journal: Journal) -> bool:
    """Tell whether training ends of itself after an epoch that its journal has just noted."""
    n_stale = epoch - (journal.best_epoch or epoch)
    return ends_after(config, epoch, n_stale) or journal.is_over()
