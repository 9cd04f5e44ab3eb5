"""Lay out result rows as Markdown tables: ours beside the peers beside what others published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from contest.markdown import line
from contest.roster import Roster
from contest.rows import Row

Figures = dict[str, Row]
"""A contender's rows by metric."""

QUALITY: Final = {
    "ml-1m": ("hr@10", "ndcg@10", "mrr"),
    "lastfm-2k": ("precision@10", "recall@10", "ndcg@10"),
}
COSTS: Final = {
    "train_cpu_seconds": "fit, CPU s",
    "train_seconds": "fit, s",
    "users_per_second": "users/s",
    "users_per_cpu_second": "users/CPU s",
    "peak_rss_mb": "peak MB",
    "rss_before_fit_mb": "MB before fit",
}
COMPARED: Final = ("train_cpu_seconds", "users_per_cpu_second", "peak_rss_mb")
HEADS: Final = {"hr@10": "HR@10", "ndcg@10": "NDCG@10", "mrr": "MRR"} | {
    "precision@10": "P@10",
    "recall@10": "R@10",
}


@dataclass(frozen=True)
class Standing:
    """Hold what was measured on one data set, by contender."""

    dataset: str
    by_method: dict[str, Figures]

    @classmethod
    def of(cls, rows: Sequence[Row], dataset: str) -> Standing:
        """Gather the rows of a data set; means over seeds stand before single seeds."""
        by_method: dict[str, Figures] = {}
        for row in rows:
            if row["dataset"] != dataset:
                continue
            figures = by_method.setdefault(row["method"], {})
            if row["metric"] not in figures or row["seed"] is None:
                figures[row["metric"]] = row
        return cls(dataset, by_method)

    def quality(self, name: str) -> float:
        """Return a contender's NDCG@10, 0 where it was not measured."""
        row = self.by_method.get(name, {}).get("ndcg@10")
        return float(row["value"]) if row else 0.0

    def measured(self, family: str) -> list[str]:
        """Return a method of ours and its labelled variants, where they were measured."""
        return [name for name in self.by_method if name.split(" (")[0] == family]

    def published(self) -> list[str]:
        """Return the contenders that were not measured in our runs."""
        return [
            name
            for name, figures in self.by_method.items()
            if next(iter(figures.values()))["source"] != "measured"
        ]


def quality_table(standing: Standing, roster: Roster) -> str:
    """Return how well each contender foresees, and ours over the peer with the best NDCG@10."""
    quality = QUALITY[standing.dataset]
    lines = _head([*(HEADS[name] for name in quality), "NDCG@10 over peer"])
    for name, rival in _order(standing, roster):
        figures = standing.by_method[name]
        cells = [_with_limits(figures[metric]) if metric in figures else "" for metric in quality]
        lines.append(
            line([_shown(name, figures), *cells, _ratio(standing, name, rival, "ndcg@10")])
        )
    return "\n".join(lines)


def cost_table(standing: Standing, roster: Roster) -> str:
    """Return what each contender costs, and ours over the peer with the best NDCG@10."""
    lines = _head([*COSTS.values(), *(f"{COSTS[metric]} over peer" for metric in COMPARED)])
    for name, rival in _order(standing, roster):
        figures = standing.by_method[name]
        cells = [_number(figures[metric]["value"]) if metric in figures else "" for metric in COSTS]
        ratios = [_ratio(standing, name, rival, metric) for metric in COMPARED]
        lines.append(line([_shown(name, figures), *cells, *ratios]))
    return "\n".join(lines)


def _order(standing: Standing, roster: Roster) -> Iterator[tuple[str, str | None]]:
    """Yield each of our methods with its best peer, then its peers with nobody."""
    table = roster.document[standing.dataset]
    for family in table["methods"]:
        peers = [name for name in table["ours"][family]["peers"] if standing.quality(name)]
        best = max(peers, key=standing.quality, default=None)
        yield from ((name, best) for name in standing.measured(family))
        yield from ((name, None) for name in peers)


def published_table(standing: Standing) -> str:
    """Return the table of figures that others published."""
    quality = [name for name in QUALITY[standing.dataset] if name != "mrr"]
    lines = [line(["method", *(HEADS[name] for name in quality), "source"])]
    lines.append(line(["---"] + ["---:"] * len(quality) + ["---"]))
    for name in standing.published():
        figures = standing.by_method[name]
        cells = [f"{figures[metric]['value']:.4f}" for metric in quality]
        lines.append(line([name, *cells, figures[quality[0]]["source"]]))
    return "\n".join(lines)


def conditions(rows: Sequence[Row], dataset: str) -> str:
    """Tell protocol, threads, load, commands and dates of a data set's measured rows."""
    measured = [row for row in rows if row["dataset"] == dataset and row["source"] == "measured"]
    protocol = measured[0]["protocol"]
    loads = [row["load"] for row in measured]
    commands = "\n".join(
        f"- `{command}`" for command in sorted({row["command"] for row in measured})
    )
    dates = ", ".join(sorted({row["date"] for row in measured}))
    return (
        f"Protocol: {protocol}. Measured {dates}, load {min(loads):g} to {max(loads):g} "
        f"(times depend on it, accuracy does not). Commands:\n\n{commands}"
    )


def _with_limits(row: Row) -> str:
    """Return a value with how far it could be off."""
    if row["low"] is None:
        return f"{row['value']:.4f}"
    return f"{row['value']:.4f} ±{(row['high'] - row['low']) / 2:.4f}"


def _ratio(standing: Standing, name: str, rival: str | None, metric: str) -> str:
    """Return one ratio to two digits, nothing where a side has no such figure."""
    if rival is None:
        return ""
    ours, theirs = standing.by_method[name], standing.by_method[rival]
    if metric not in ours or metric not in theirs or not theirs[metric]["value"]:
        return ""
    return f"{ours[metric]['value'] / theirs[metric]['value']:.2f}"


def _shown(name: str, figures: Figures) -> str:
    """Return a contender's name, ours in bold."""
    is_peer = next(iter(figures.values()))["peer"]
    return name if is_peer else f"**{name}**"


def _head(heads: Sequence[str]) -> list[str]:
    """Return the first two lines of a table of contenders."""
    return [line(["method", *heads]), line(["---"] + ["---:"] * len(heads))]


def _number(value: float) -> str:
    """Return a cost with about three digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
