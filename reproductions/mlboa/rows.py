"""Turn what was measured into result rows, and read means over seeds back from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from contest.rows import Occasion, Row

from mlboa.comparing import Difference, corrected, paired_difference
from mlboa.mixing import TEST_PER_TRAINING, mix_of
from mlboa.task import Measured

CURVE: Final = "validation accuracy, epoch "
SECONDS: Final = "train seconds"


def measured_rows(occasion: Occasion, facts: dict[str, Any], measured: Measured) -> Iterator[Row]:
    """Yield the rows of one method and seed."""
    facts = {**facts, "seconds": round(measured.seconds, 2)}
    for metric, value in measured.figures.items():
        if np.isfinite(value):
            yield occasion.row(metric, value, **facts)
    for epoch, value in enumerate(measured.curve, start=1):
        yield occasion.row(f"{CURVE}{epoch}", value, **facts)
    yield occasion.row(SECONDS, measured.seconds, **facts)


@dataclass(frozen=True, slots=True)
class Mean:
    """Hold a mean over seeds and its standard error, NaN for one seed."""

    value: float
    error: float


class Standing:
    """Read the figures of one dataset from rows."""

    def __init__(self, rows: Sequence[Row], dataset: str) -> None:
        self.is_of_one_stock = mix_of(dataset).is_of_one_stock
        self._found = {
            (row["method"], row["metric"], row["seed"]): float(row["value"])
            for row in rows
            if row["dataset"] == dataset
        }

    @property
    def methods(self) -> list[str]:
        """Return every method that was measured, the least accurate first."""
        names = sorted({method for method, metric, _ in self._found if metric == "accuracy"})
        return sorted(names, key=lambda name: np.mean([*self.by_seed(name, "accuracy").values()]))

    def has(self, method: str, seed: int) -> bool:
        """Tell whether a method was measured with a seed."""
        return (method, "accuracy", seed) in self._found

    def by_seed(self, method: str, metric: str) -> dict[int, float]:
        """Return one figure of each seed."""
        return {
            seed: value
            for (name, kind, seed), value in sorted(self._found.items())
            if name == method and kind == metric
        }

    def mean(self, method: str, metric: str) -> Mean | None:
        """Return the mean over seeds, None where nothing was measured."""
        values = [*self.by_seed(method, metric).values()]
        if not values:
            return None
        error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
        return Mean(float(np.mean(values)), float(error))

    def curve(self, method: str) -> list[float]:
        """Return the mean validation accuracy after each epoch."""
        means: list[float] = []
        while (found := self.mean(method, f"{CURVE}{len(means) + 1}")) is not None:
            means.append(found.value)
        return means

    def compare(self, ours: str, rival: str, metric: str) -> Difference | None:
        """Return how ours differs over shared seeds, None below two of them.

        Where all seeds deal one stock anew, the test allows for what they share.
        """
        mine, theirs = self.by_seed(ours, metric), self.by_seed(rival, metric)
        shared = sorted(mine.keys() & theirs.keys())
        if len(shared) < 2:
            return None
        gains = np.array([mine[seed] - theirs[seed] for seed in shared])
        return paired_difference(gains, TEST_PER_TRAINING if self.is_of_one_stock else 0.0)

    def compare_all(self, ours: str, metric: str) -> dict[str, Difference]:
        """Return how ours differs from every other, corrected for how many tests that makes."""
        found = {
            rival: difference
            for rival in self.methods
            if rival != ours and (difference := self.compare(ours, rival, metric)) is not None
        }
        return dict(zip(found, corrected([*found.values()]), strict=True))
