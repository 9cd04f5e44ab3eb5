"""Fit a recommender: by its own method or, for a network, by the strategy that owns the loop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coadapt.data.dataset import Dataset
from coadapt.data.splitting import Split
from coadapt.domain.progress import Progress, no_progress
from coadapt.domain.resources import Resources
from coadapt.evaluation.offline import EvaluationConfig, sampled_validation
from coadapt.nn.precision import multiplying_in
from coadapt.plugins import load_plugin
from coadapt.recommenders.base import Recommender
from coadapt.training.config import TrainingConfig
from coadapt.training.granting import granted
from coadapt.training.journal import Journal


def fit(
    recommender: Recommender[Any],
    split: Split,
    config: TrainingConfig,
    progress: Progress = no_progress,
    journal: Journal | None = None,
    *,
    skip_seen: bool = True,
) -> Journal:
    """Fit on the training part, a network watched on a sample of validation users.

    `skip_seen` is that of the config by which the recommender is judged.
    """
    journal = Journal(config.max_cpu_seconds) if journal is None else journal
    asked = EvaluationConfig(ks=(config.validation_k,), seed=config.seed, skip_seen=skip_seen)
    validate = sampled_validation(recommender, split.validation, asked, config.validation_users)
    with granted(config, journal, progress) as means:
        _fit(recommender, split.train, config, replace(means, validate=journal.excluding(validate)))
    return journal


def refit(
    recommender: Recommender[Any], split: Split, config: TrainingConfig, journal: Journal
) -> None:
    """Fit a fresh recommender on training and validation events, for as long as was best before."""
    n_epochs, again = journal.best_epoch, Journal(None)

    def is_over() -> bool:
        return n_epochs is not None and len(again.lines) >= n_epochs

    with granted(config, again) as means:
        _fit(recommender, split.refit, config, replace(means, should_stop=is_over))


def _fit(
    recommender: Recommender[Any], dataset: Dataset, config: TrainingConfig, resources: Resources
) -> None:
    """Fit by the method itself or, for a network, by the strategy that owns the loop."""
    if is_network(recommender):
        strategy = load_plugin("training/strategies", config.strategy)()
        with multiplying_in(config.precision):
            strategy.fit(recommender, dataset, resources)
    else:
        recommender.fit(dataset, resources)


def is_network(recommender: Recommender[Any]) -> bool:
    """Tell whether a recommender is fitted by a training strategy."""
    return hasattr(recommender, "batches")
