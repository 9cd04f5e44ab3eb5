"""Train one component as its config says and keep everything about it as a run."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import torch
from threadpoolctl import threadpool_limits

import coadapt
from coadapt.data.dataset import Dataset
from coadapt.data.splitting import HeldOut, Split
from coadapt.domain.errors import ConfigError
from coadapt.domain.manifests import Manifest
from coadapt.domain.resources import Resources
from coadapt.evaluation.offline import Evaluation, evaluate, sampled_validation
from coadapt.plugins import load_plugin
from coadapt.recommenders.base import Recommender
from coadapt.stores.base import RunStore
from coadapt.training.card import render_card
from coadapt.training.config import RunConfig, TrainingConfig
from coadapt.training.journal import Journal
from coadapt.training.preparing import Prepared, Surroundings, no_progress, prepare
from coadapt.training.reading import Progress
from coadapt.training.run_files import run_files


def train(config: RunConfig, run_store: RunStore, surroundings: Surroundings) -> Manifest:
    """Train what a config asks for and return the manifest of the new run."""
    started = time.perf_counter()
    config = config.resolved()
    prepared = prepare(config, surroundings)
    recommender = config.make_recommender()
    journal = fit(recommender, prepared.split, config.training, surroundings.progress)
    evaluation = judge(recommender, prepared.split.validation, prepared, config)
    if config.training.refit:
        recommender = config.make_recommender()
        _refit(recommender, prepared.split, config.training, journal)
    facts: dict[str, Any] = {
        "run_id": run_id(config, surroundings.now_ms),
        "kind": config.kind,
        "name": config.recommender.name,
        "package_version": coadapt.__version__,
        "created_at": _iso(surroundings.now_ms),
        "seed": config.training.seed,
        "dataset_fingerprint": prepared.dataset.fingerprint,
        "n_items": prepared.dataset.n_items,
        "commit": surroundings.commit,
        "parent": surroundings.parent,
        "seconds": round(time.perf_counter() - started, 3),
        "metrics": evaluation.means(),
        "first_position": prepared.reading.first_position,
        "last_position": prepared.reading.last_position,
        "project": config.data.project if config.data.source == "log" else None,
    }
    files = run_files(config, prepared, recommender, evaluation, journal)
    files["card.md"] = render_card(config, facts, prepared, evaluation).encode()
    return run_store.add(facts["run_id"], files, facts)


def fit(
    recommender: Recommender[Any],
    split: Split,
    config: TrainingConfig,
    progress: Progress = no_progress,
) -> Journal:
    """Fit on the training part, a network watched on a sample of validation users."""
    journal = Journal(config.max_cpu_seconds)
    validate = sampled_validation(
        recommender, split.validation, config.validation_users, config.validation_k, config.seed
    )
    _check_device(config.device)
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


def judge(
    recommender: Recommender[Any], held_out: HeldOut, prepared: Prepared, config: RunConfig
) -> Evaluation:
    """Evaluate a fitted recommender on held-out events."""
    return evaluate(recommender, held_out, prepared.split.train.item_counts, config.evaluation)


def run_id(config: RunConfig, now_ms: int) -> str:
    """Return a run's name: time, method, and four hex digits of config and time."""
    stamp = _iso(now_ms).replace(":", "-")
    digest = sha256(f"{config.to_toml()}{now_ms}".encode()).hexdigest()[:4]
    return f"{stamp}-{config.recommender.name}-{digest}"


def _check_device(device: str) -> None:
    """Raise ConfigError unless PyTorch can use a device here."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        message = f"training.device: PyTorch has no {device} here; use cpu"
        raise ConfigError(message, field="training.device") from error


def _refit(
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


def _iso(now_ms: int) -> str:
    """Return a time as ISO 8601 in seconds."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
