"""Take one part of DUVE away at a time and score what is left, at the same cut-offs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from contest.rows import Occasion, Row

from coadapt.data.stream import Stream
from coadapt.domain.resources import Resources
from coadapt.evaluation.forecasting import evaluate_at
from coadapt.value.duve import DUVE, DUVEConfig

ABLATIONS: Final[Mapping[str, dict[str, Any]]] = {
    "full": {},
    "without decay": {"decay": "none"},
    "one decay for all types": {"decay": "shared"},
    "one time scale a type": {"half_lives_days": (30.0,)},
    "hourly refresh": {"refresh": "hour"},
    "without the graph": {"graph": False},
}
METRICS: Final = ("crps", "mae", "gini", "total_ratio")


def ablation_rows(
    occasion: Occasion, facts: Mapping[str, Any], stream: Stream, cutoff: int, seeds: list[int]
) -> Iterator[Row]:
    """Yield each variant's figures, fitted and scored like the whole, one member each."""
    for name, options in ABLATIONS.items():
        for seed in seeds:
            model = DUVE(DUVEConfig(**options))
            evaluated = evaluate_at({name: model}, stream, cutoff, Resources(seed=seed))[name]
            figures = asdict(evaluated.figures())
            print(f"  {name}, seed {seed}: crps {figures['crps']:.5g}", flush=True)
            for metric in METRICS:
                # The name stands in `method` too, since that is part of what makes a row.
                yield occasion.row(
                    metric,
                    figures[metric],
                    **{**facts, "method": f"duve, {name}", "seed": seed, "ablation": name},
                )
