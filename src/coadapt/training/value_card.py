"""Write a value run's card for people: purpose, data, results, segments and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coadapt.training.forecast_judging import Judged, JudgedAt, day_of
from coadapt.training.stream_reading import StreamReading
from coadapt.training.value_config import ValueRunConfig
from coadapt.value.segments import SegmentThresholds


def render_value_card(
    config: ValueRunConfig,
    facts: Mapping[str, Any],
    reading: StreamReading,
    judged: Judged,
    thresholds: SegmentThresholds,
) -> str:
    """Return the card as Markdown; every figure in it is read off this training."""
    parts = [
        f"# {facts['run_id']}",
        _purpose(config, facts, reading),
        _data(facts, reading),
        "## Validation\n\nForecasts made at each cut-off by a model that learned from what was "
        "known before it; 95 % bootstrap intervals over users.",
        *map(_results, judged.at),
        _segments(thresholds),
        _limits(config),
    ]
    return "\n\n".join(parts) + "\n"


def _purpose(config: ValueRunConfig, facts: Mapping[str, Any], reading: StreamReading) -> str:
    """Say what was trained, when and how long."""
    options = ", ".join(f"{name} {value}" for name, value in config.value.options.items())
    horizon = config.value.options.get("horizon_days")
    currency = reading.currency or "the data's currency, which it does not name"
    return (
        f"Forecasts what each person will spend in the next **{horizon} days**, in {currency}, by "
        f"**{config.value.name}** ({options}).\n\n"
        f"Trained at {facts['created_at']} in {facts['seconds']} s with seed {facts['seed']} by "
        f"coadapt {facts['package_version']}"
        + (f" at commit {facts['commit']}." if facts["commit"] else ".")
    )


def _data(facts: Mapping[str, Any], reading: StreamReading) -> str:
    """Say what it was trained on."""
    stream = reading.stream
    first, last = day_of(int(stream.times.min())), day_of(int(stream.times.max()))
    return (
        f"## Data\n\n{reading.name}: {len(stream):,} events of {stream.n_users:,} people and "
        f"{stream.n_items:,} items, {first} to {last}; {reading.n_bad_rows:,} rows could not be "
        f"read. Fingerprint `{facts['dataset_fingerprint'][:16]}`. Judged on the past of each "
        "cut-off, then fitted once more on everything."
    )


def _results(at: JudgedAt) -> str:
    """Print the figures of a cut-off with their intervals."""
    rows = "\n".join(
        f"| {name} | {summary.value:.4f} | {summary.low:.4f} to {summary.high:.4f} |"
        for name, summary in at.summaries.items()
    )
    return (
        f"### {day_of(at.cutoff)}, {at.n_users:,} people\n\n"
        f"| figure | value | interval |\n|---|---|---|\n{rows}"
    )


def _segments(thresholds: SegmentThresholds) -> str:
    """Say by what people are told apart."""
    return (
        "## Segments\n\n"
        f"- new: first seen at most {thresholds.new_days:.1f} days ago (three of four returns come "
        "sooner)\n"
        f"- dormant: silent for more than {thresholds.dormant_days:.1f} days (19 of 20 returns "
        "come sooner)\n"
        f"- loyal: a forecast of at least {thresholds.loyal_spend:,.2f} (the median) that is "
        "steady\n"
        f"- rising, fading: by how the forecast changed in a week; {_times(thresholds)}"
    )


def _times(thresholds: SegmentThresholds) -> str:
    """Say which changes are no longer steady."""
    low, high = thresholds.fading_change, thresholds.rising_change
    return f"steady is a factor between {2.718281828**low:.2f} and {2.718281828**high:.2f}"


def _limits(config: ValueRunConfig) -> str:
    """Say where this run should not be trusted."""
    return (
        "## Limits\n\n"
        "- A forecast is of one person and wide; totals over many people are what can be relied "
        "on.\n"
        "- It expects the future to be as the past that it learned from: a season that the data "
        "does not hold is unknown to it.\n"
        "- Who was shown what has shaped the spending that it learned from; only an experiment "
        "tells what a change causes.\n"
        f"- One seed ({config.training.seed}): the interval is over users, not over trainings."
    )
