"""Fit a recommender: by its own method or, for a network, by the strategy that owns the loop."""

from __future__ import annotations

from typing import Any

import torch
from threadpoolctl import threadpool_limits

from coadapt.data.dataset import Dataset
from coadapt.data.splitting import Split
from coadapt.domain.errors import ConfigError
from coadapt.domain.progress import Progress, no_progress
from coadapt.domain.resources import Resources
from coadapt.evaluation.offline import sampled_validation
from coadapt.plugins import load_plugin
from coadapt.recommenders.base import Recommender
from coadapt.training.config import TrainingConfig
from coadapt.training.journal import Journal


def fit(
    recommender: Recommender[Any],
    split: Split,
    config: TrainingConfig,
    progress: Progress = no_progress,
    journal: Journal | None = None,
) -> Journal:
    """Fit on the training part, a network watched on a sample of validation users."""
    journal = Journal(config.max_cpu_seconds) if journal is None else journal
    validate = sampled_validation(
        recommender, split.validation, config.validation_users, config.validation_k, config.seed
    )
    check_device(config.device)
    resources = Resources(
        seed=config.seed,
        device=config.device,
        n_threads=config.n_threads,
        progress=progress,
        validate=journal.excluding(validate),
        report=journal.note,
        should_stop=journal.is_over,
    )
    _fit_on(recommender, split.train, config, resources)
    return journal


def check_device(device: str) -> None:
    """Raise ConfigError unless PyTorch can use a device here."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        message = f"training.device: PyTorch has no {device} here; use cpu"
        raise ConfigError(message, field="training.device") from error


def refit(
    recommender: Recommender[Any], split: Split, config: TrainingConfig, journal: Journal
) -> None:
    """Fit a fresh recommender on training and validation events, for as long as was best before."""
    n_epochs, again = journal.best_epoch, Journal(None)
    resources = Resources(
        seed=config.seed,
        device=config.device,
        n_threads=config.n_threads,
        report=again.note,
        should_stop=lambda: n_epochs is not None and len(again.lines) >= n_epochs,
    )
    _fit_on(recommender, split.refit, config, resources)


def _fit_on(
    recommender: Recommender[Any], dataset: Dataset, config: TrainingConfig, resources: Resources
) -> None:
    """Fit by the method itself or, for a network, by the strategy that owns the loop."""
    before = torch.get_num_threads()
    torch.set_num_threads(config.n_threads)
    try:
        with threadpool_limits(config.n_threads):
            if hasattr(recommender, "batches"):
                load_plugin("training/strategies", config.strategy)().fit(
                    recommender, dataset, resources
                )
            else:
                recommender.fit(dataset, resources)
    finally:
        torch.set_num_threads(before)
