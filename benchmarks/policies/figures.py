"""Write what was forecast and what came of it as rows of results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contest.rows import Occasion, Row

from policies.trial import Judged

DATASET: Final = "made-up shop"
LOOSE: Final = "clicks a slate, let loose"
FORECAST: Final = "clicks a slate, forecast"
LIFT: Final = "lift, forecast"
EFFECTIVE: Final = "effective slates"


def judged_rows(
    occasion: Occasion, judged: Judged, n_slates: int, seed: int, seconds: float
) -> Iterator[Row]:
    """Yield the rows of one policy on one log."""
    protocol = f"{n_slates} slates of 5; forecasts by the newest 30 %"
    shared = {"dataset": DATASET, "protocol": protocol, "seed": seed, "seconds": round(seconds, 1)}
    loose = judged.loose
    facts = {**shared, "method": judged.name, "options": judged.options}
    yield occasion.row(LOOSE, loose.value, low=loose.low, high=loose.high, **facts)
    for assumes, estimate in judged.forecasts.items():
        for metric, found in ((FORECAST, estimate.reward), (LIFT, estimate.lift)):
            ends = {"low": found.low, "high": found.high}
            yield occasion.row(f"{metric} ({assumes})", found.value, **ends, **facts)
        yield occasion.row(f"{EFFECTIVE} ({assumes})", estimate.effective, **facts)
