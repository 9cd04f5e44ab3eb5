"""Take one part of DUVE away at a time and score what is left, at the same cut-offs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from contest.rows import Occasion, Row

from coadapt.data.stream import Stream
from coadapt.domain.resources import Resources
from coadapt.evaluation.forecasting import Evaluated, evaluate_at
from coadapt.value.duve import DUVE, DUVEConfig
from forecasts.two_hop import teach_two_hop

ABLATIONS: Final[Mapping[str, dict[str, Any]]] = {
    "full": {},
    "without decay": {"decay": "none"},
    "one decay for all types": {"decay": "shared"},
    "one time scale a type": {"half_lives_days": (30.0,)},
    "hourly refresh": {"refresh": "hour"},
    "without the graph": {"graph": False},
}
TWO_HOPS: Final = "two hops of graph attention in place of summaries"
METRICS: Final = ("crps", "mae", "gini", "total_ratio")


def ablation_rows(
    occasion: Occasion, facts: Mapping[str, Any], stream: Stream, cutoff: int, seed: int
) -> Iterator[Row]:
    """Yield each variant's figures, fitted and scored like the whole, one member each."""
    for name, options in ABLATIONS.items():
        model = DUVE(DUVEConfig(**options))
        evaluated = evaluate_at({name: model}, stream, cutoff, Resources(seed=seed))[name]
        yield from _figure_rows(occasion, {**facts, "seed": seed}, name, evaluated)


def two_hop_rows(
    occasion: Occasion, facts: Mapping[str, Any], stream: Stream, cutoff: int, seed: int
) -> Iterator[Row]:
    """Yield the figures of graph attention over two hops, and how many messages it makes."""
    config = DUVEConfig()
    taught = teach_two_hop(stream.before(cutoff), config, Resources(seed=seed), cutoff)
    facts = {**facts, "seed": seed}
    yield from _figure_rows(occasion, facts, TWO_HOPS, taught.forecast_at(stream, cutoff, config))
    for name, rate in taught.messages_per_second().items():
        print(f"  {name}: {rate:,.0f} messages a second", flush=True)
        yield occasion.row("messages a second", rate, **facts, method=name)


def _figure_rows(
    occasion: Occasion, facts: Mapping[str, Any], name: str, evaluated: Evaluated
) -> Iterator[Row]:
    """Yield the figures of one variant."""
    figures = asdict(evaluated.figures())
    print(f"  {name}: crps {figures['crps']:.5g}, gini {figures['gini']:.4f}", flush=True)
    for metric in METRICS:
        # The name stands in `method` too, since that is part of what makes a row.
        named = {"method": f"duve, {name}", "ablation": name}
        yield occasion.row(metric, figures[metric], **facts, **named)
