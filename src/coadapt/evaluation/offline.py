"""Evaluate a recommender on held-out events: the whole catalogue ranked for every user."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator
from scipy import sparse

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.splitting import HeldOut
from coadapt.domain.errors import EmptyDataError
from coadapt.domain.progress import Progress, no_progress
from coadapt.evaluation.base import ItemFacts, Metric, Ranked
from coadapt.evaluation.exposure import EXPOSURE_METRICS
from coadapt.evaluation.metrics.beyond import slate_matrix
from coadapt.evaluation.metrics.ranking import ndcg
from coadapt.evaluation.ranks import rank_block
from coadapt.evaluation.summary import Summary, summarize_exposures, summarize_means
from coadapt.plugins import load_plugin, plugin_modules
from coadapt.recommenders.base import Recommender


@cache
def known_metrics() -> Mapping[str, Metric]:
    """Return every metric of a user's ranking by its name."""
    kind = "evaluation/metrics"
    families = [load_plugin(kind, name) for name in plugin_modules(kind)]
    return {metric.name: metric for family in families for metric in family}


class EvaluationConfig(BaseModel):
    """Say what to measure; `metrics` are names, by default all that the data allow.

    `batch_size` users are scored at once; `skip_seen` leaves a history's own items out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ks: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = (5, 10, 20)
    metrics: tuple[str, ...] | None = None
    n_bootstrap: Annotated[int, Field(ge=1)] = 1000
    seed: Annotated[int, Field(ge=0)] = 0
    batch_size: Annotated[int, Field(ge=1)] = 256
    skip_seen: bool = True

    @field_validator("metrics")
    @classmethod
    def _check_metrics(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Refuse a metric that does not exist."""
        known = [*known_metrics(), *(metric.name for metric in EXPOSURE_METRICS)]
        if names is not None and not set(names) <= set(known):
            raise ValueError(f"there is no such metric; there are: {', '.join(known)}")
        return names


@dataclass(frozen=True)
class Evaluation:
    """Hold what was measured.

    `values` are by metric, such as "ndcg@10", one a user in the order of `users` (user rows), NaN
    where undefined. Exposure metrics, of all users together, have a summary and no values.
    """

    users: IntArray
    values: Mapping[str, FloatArray]
    summaries: Mapping[str, Summary]

    def means(self) -> dict[str, float]:
        """Return each metric's value by name."""
        return {name: summary.value for name, summary in self.summaries.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON: the number of users and each metric's summary."""
        metrics = {
            name: {"value": summary.value, "low": summary.low, "high": summary.high}
            for name, summary in self.summaries.items()
        }
        return {"n_users": len(self.users), "metrics": metrics}


def evaluate(
    recommender: Recommender[Any],
    held_out: HeldOut,
    item_counts: IntArray,
    config: EvaluationConfig,
    *,
    item_vectors: sparse.csr_matrix | None = None,
    progress: Progress = no_progress,
) -> Evaluation:
    """Rank the whole catalogue for each held-out user and measure every metric at every k.

    `item_counts` are training events by item. `item_vectors`, shape (n_items, any), say how alike
    two items are (their users in training, their categories): without them diversity is not
    measured. Raises EmptyDataError without users.
    """
    items = ItemFacts(item_counts, None if item_vectors is None else _unit_rows(item_vectors))
    metrics = _chosen_metrics(config, items)
    measured, tops = [], []
    for ranked in _ranked_blocks(recommender, held_out, items, config):
        measured.append(_measure(ranked, metrics, config.ks))
        tops.append(ranked.top)
        n_done = min(len(measured) * config.batch_size, len(held_out))
        progress(n_done, len(held_out), "evaluate")
    values = {name: np.concatenate([block[name] for block in measured]) for name in measured[0]}
    summaries = summarize_means(values, config.n_bootstrap, config.seed)
    summaries |= _exposure_summaries(np.concatenate(tops), len(item_counts), config)
    return Evaluation(held_out.users, values, summaries)


def sampled_validation(
    recommender: Recommender[Any],
    held_out: HeldOut,
    config: EvaluationConfig,
    n_users: int | None = None,
) -> Callable[[], float]:
    """Return a function that gives NDCG, now, at the largest k of a config.

    It is measured on a fixed sample of `n_users` (None: all), drawn by the config's seed.
    """
    users = np.arange(len(held_out))
    if n_users is not None and n_users < len(users):
        drawn = np.random.default_rng(config.seed).choice(len(users), n_users, replace=False)
        users = np.sort(drawn)
    sample, k = held_out.take(users), max(config.ks)
    nothing = ItemFacts(np.empty(0, np.int64))

    def validate() -> float:
        blocks = _ranked_blocks(recommender, sample, nothing, config)
        return float(np.concatenate([ndcg(ranked, k) for ranked in blocks]).mean())

    return validate


def _ranked_blocks(
    recommender: Recommender[Any],
    held_out: HeldOut,
    items: ItemFacts,
    config: EvaluationConfig,
) -> Iterator[Ranked]:
    """Score and rank block after block of users."""
    if len(held_out) == 0:
        raise EmptyDataError("nobody is held out to evaluate on: check the split")
    for start in range(0, len(held_out), config.batch_size):
        users = np.arange(start, min(start + config.batch_size, len(held_out)))
        histories = held_out.histories.take(users)
        yield rank_block(
            np.array(recommender.score(histories).values, np.float32),
            histories,
            held_out.targets.take(users),
            items,
            n_shown=max(config.ks),
            skip_seen=config.skip_seen,
        )


def _chosen_metrics(config: EvaluationConfig, items: ItemFacts) -> list[Metric]:
    """Return the metrics asked for, or all that the data allow."""
    if config.metrics is not None:
        return [metric for name, metric in known_metrics().items() if name in config.metrics]
    has_vectors = items.unit_vectors is not None
    return [m for m in known_metrics().values() if has_vectors or not m.needs_vectors]


def _measure(ranked: Ranked, metrics: list[Metric], ks: tuple[int, ...]) -> dict[str, FloatArray]:
    """Return each metric's values for one block by its full name."""
    at_k = {f"{m.name}@{k}": m.measure(ranked, k) for k in ks for m in metrics if m.is_at_k}
    return at_k | {m.name: m.measure(ranked, 0) for m in metrics if not m.is_at_k}


def _exposure_summaries(
    top: IntArray, n_items: int, config: EvaluationConfig
) -> dict[str, Summary]:
    """Measure at each k what all users together were shown."""
    return {
        f"{metric.name}@{k}": summarize_exposures(
            slate_matrix(top[:, :k], n_items), metric, config.n_bootstrap, config.seed
        )
        for k in config.ks
        for metric in EXPOSURE_METRICS
        if config.metrics is None or metric.name in config.metrics
    }


def _unit_rows(vectors: sparse.csr_matrix) -> sparse.csr_matrix:
    """Scale each row to length one; rows of zeros stay."""
    rows = sparse.csr_matrix(vectors, dtype=np.float64)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    unit: sparse.csr_matrix = sparse.diags_array(1 / np.maximum(lengths, 1e-300)) @ rows
    return unit
