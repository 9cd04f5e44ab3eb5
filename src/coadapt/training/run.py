"""Train one component as its config says and keep everything about it as a run."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import coadapt
from coadapt.domain.manifests import Manifest
from coadapt.evaluation.offline import evaluate
from coadapt.stores.base import RunStore
from coadapt.training.card import render_card
from coadapt.training.config import RunConfig
from coadapt.training.fitting import fit, refit
from coadapt.training.preparing import Surroundings, prepare
from coadapt.training.run_files import run_files


def train(config: RunConfig, run_store: RunStore, surroundings: Surroundings) -> Manifest:
    """Train what a config asks for and return the manifest of the new run."""
    started = time.perf_counter()
    config = config.resolved()
    prepared = prepare(config, surroundings)
    recommender, split, asked = config.make_recommender(), prepared.split, config.evaluation
    journal = fit(
        recommender, split, config.training, surroundings.progress, skip_seen=asked.skip_seen
    )
    evaluation = evaluate(recommender, split.validation, split.train.item_counts, asked)
    if config.training.refit:
        recommender = config.make_recommender()
        refit(recommender, split, config.training, journal)
    facts: dict[str, Any] = {
        "run_id": run_id(config.to_toml(), config.recommender.name, surroundings.now_ms),
        "kind": config.kind,
        "name": config.recommender.name,
        "package_version": coadapt.__version__,
        "created_at": created_at(surroundings.now_ms),
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


def run_id(config_text: str, method: str, now_ms: int) -> str:
    """Return a run's name: time, method, and four hex digits of config and time."""
    stamp = created_at(now_ms).replace(":", "-")
    digest = sha256(f"{config_text}{now_ms}".encode()).hexdigest()[:4]
    return f"{stamp}-{method}-{digest}"


def created_at(now_ms: int) -> str:
    """Return a time as ISO 8601 in seconds."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
