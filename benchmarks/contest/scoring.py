"""Turn what a contender printed into result rows, with intervals over users and over seeds."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from coadapt.evaluation.bootstrap import bootstrap_means, percentile_interval
from contest.measures import figures_by_user
from contest.referee import Outcome
from contest.roster import Player
from contest.rows import Occasion, Row
from contest.split import IntArray

CURVE: Final = "ndcg@10 by cpu seconds"
PASSING: Final = "cpu seconds to ndcg@10 of {goal:g}"
N_BOOTSTRAP: Final = 1000


@dataclass(frozen=True)
class Entry:
    """Say whose figures these are: the facts that all rows of one contender and seed share."""

    occasion: Occasion
    player: Player
    facts: dict[str, Any]

    def row(self, metric: str, value: float, **more: Any) -> Row:
        """Return one row."""
        return self.occasion.row(metric, value, **{**self.facts, **more})


def rows_of(entry: Entry, outcome: Outcome, offsets: IntArray, goal: float) -> Iterator[Row]:
    """Yield the rows of one contender: accuracy, costs, chosen settings and the curve."""
    seconds = round(outcome.figures["train_seconds"], 3)
    by_user = figures_by_user(np.array(outcome.ranks), offsets)
    resampled = bootstrap_means(np.stack(list(by_user.values()), axis=1), N_BOOTSTRAP, seed=0)
    lows, highs = percentile_interval(resampled)
    for (metric, values), low, high in zip(by_user.items(), lows, highs, strict=True):
        limits = {"low": round(float(low), 5), "high": round(float(high), 5)}
        yield entry.row(metric, float(values.mean()), seconds=seconds, **limits)
    for name, value in outcome.figures.items():
        yield entry.row(name, value, seconds=seconds)
    for name, value in outcome.setting.items():
        if isinstance(value, (int, float)):
            yield entry.row(f"chosen {name}", value)
    yield from _curve_rows(entry, outcome.points, goal)


def _curve_rows(entry: Entry, points: list[dict[str, float]], goal: float) -> Iterator[Row]:
    """Yield the curve and, where it passes the goal, the first point that does."""
    for point in points:
        yield entry.row(CURVE, point["ndcg"], seconds=round(point["cpu_s"], 2))
    passed = [point["cpu_s"] for point in points if point["ndcg"] >= goal]
    if passed:
        yield entry.row(PASSING.format(goal=goal), passed[0])


def over_seeds(rows: list[Row]) -> list[Row]:
    """Return each figure's mean over seeds, `low` and `high` one standard error away."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["metric"] != CURVE and not row["metric"].startswith("chosen "):
            groups[row["method"], row["metric"]].append(row)
    return [_mean_row(group) for group in groups.values() if len(group) > 1]


def _mean_row(group: list[Row]) -> Row:
    """Return one row for several seeds."""
    values = np.array([row["value"] for row in group])
    mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
    limits = {"low": round(float(mean - error), 5), "high": round(float(mean + error), 5)}
    seconds = float(np.mean([row["seconds"] or 0 for row in group]))
    summary = {"value": round(float(mean), 6), "seed": None, "seconds": round(seconds, 3)}
    return {**group[0], **summary, **limits}


def published_rows(occasion: Occasion, path: Path, dataset: str) -> Iterator[Row]:
    """Yield the figures of others for one data set."""
    for figure in tomllib.loads(path.read_text(encoding="utf-8"))["figures"]:
        if figure["dataset"] != dataset:
            continue
        names = {name: figure[name] for name in ("dataset", "method", "source")}
        for metric, value in figure["values"].items():
            yield occasion.row(metric, value, **names, peer=True, load=None)
