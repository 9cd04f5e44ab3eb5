"""Write a run's card for people: purpose, data, results and limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from coadapt.data.dataset import Dataset
from coadapt.data.splitting import Split
from coadapt.evaluation.offline import Evaluation
from coadapt.training.config import RunConfig
from coadapt.training.preparing import Prepared


def render_card(
    config: RunConfig, facts: Mapping[str, Any], prepared: Prepared, evaluation: Evaluation
) -> str:
    """Return the card as Markdown; every figure in it is read off this training."""
    parts = [
        f"# {facts['run_id']}",
        _purpose(config, facts),
        _data(prepared),
        _split(config, prepared.split),
        _results(evaluation, len(prepared.split.validation)),
        _limits(config, prepared),
    ]
    return "\n\n".join(parts) + "\n"


def _purpose(config: RunConfig, facts: Mapping[str, Any]) -> str:
    """Say what was trained, when and how long."""
    options = ", ".join(f"{name} {value}" for name, value in config.recommender.options.items())
    return (
        f"Recommends items for a history of events by **{config.recommender.name}** "
        f"({options or 'no options'}).\n\n"
        f"Trained at {facts['created_at']} in {facts['seconds']} s with seed {facts['seed']} by "
        f"coadapt {facts['package_version']}"
        + (f" at commit {facts['commit']}." if facts["commit"] else ".")
    )


def _data(prepared: Prepared) -> str:
    """Say what it was trained on and what preprocessing did."""
    dataset = prepared.dataset
    steps = "\n".join(
        f"- {step.name}: {step.rows_before:,} → {step.rows_after:,} rows"
        for step in prepared.report.steps
    )
    table = prepared.reading.table
    span = _span(dataset) if table.has_times else "without times"
    return (
        f"## Data\n\n{table.name}: {dataset.n_events:,} events of {dataset.n_users:,} users and "
        f"{dataset.n_items:,} items, {span}; {len(table.bad_rows):,} rows could not be "
        f"read. Fingerprint `{dataset.fingerprint[:16]}`.\n\n{steps}"
    )


def _span(dataset: Dataset) -> str:
    """Say from when to when the events are."""
    first, last = (
        datetime.fromtimestamp(int(edge) / 1000, UTC).strftime("%Y-%m-%d")
        for edge in (dataset.times.min(), dataset.times.max())
    )
    return f"{first} to {last}"


def _split(config: RunConfig, split: Split) -> str:
    """Say what was learnt from and what was held out."""
    return (
        f"## Split\n\n{config.split.kind}: {split.train.n_events:,} events to learn from, "
        f"{len(split.validation):,} users for validation, {len(split.test):,} for the test. "
        + ("Refitted on training and validation." if config.training.refit else "Not refitted.")
    )


def _results(evaluation: Evaluation, n_users: int) -> str:
    """Print the validation metrics with their intervals."""
    rows = "\n".join(
        f"| {name} | {summary.value:.4f} | {summary.low:.4f} to {summary.high:.4f} |"
        for name, summary in evaluation.summaries.items()
    )
    return (
        f"## Validation\n\n{n_users:,} users, whole catalogue; 95 % bootstrap intervals over users."
        f"\n\n| metric | value | interval |\n|---|---|---|\n{rows}"
    )


def _reach(config: RunConfig) -> str:
    """Say what comes of targets that users had met before."""
    return ", and so out of reach for every method" if config.evaluation.skip_seen else ""


def _limits(config: RunConfig, prepared: Prepared) -> str:
    """Say where this run should not be trusted."""
    counts = prepared.split.train.item_counts
    n_unseen = int(np.count_nonzero(counts == 0))
    n_rare = int(np.count_nonzero((counts > 0) & (counts < 5)))
    return (
        "## Limits\n\n"
        f"- {n_unseen:,} items have no event in the training part and {n_rare:,} fewer than five: "
        "what it says of them is weak.\n"
        "- Items that appear after the training are unknown to it until the next one.\n"
        "- The figures are of logged behaviour, which the recommender of its time has shaped; only "
        "an experiment tells what this one causes.\n"
        f"- {prepared.split.validation.seen_share:.1%} of the validation targets are in their "
        f"user's history already{_reach(config)}.\n"
        f"- One seed ({config.training.seed}): the interval is over users, not over trainings."
    )
