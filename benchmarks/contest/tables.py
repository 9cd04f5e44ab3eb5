"""Lay out result rows as Markdown tables: ours beside the peers beside what others published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
    "rss_before_fit_mb": "of it before fitting",
}
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


def contest_table(standing: Standing, roster: Roster) -> str:
    """Return the table of a data set; ratios are ours over the peer with the best NDCG@10."""
    quality = QUALITY[standing.dataset]
    heads = [HEADS[name] for name in quality] + list(COSTS.values())
    lines = [
        _line(["method", *heads, "NDCG: ratio", "CPU s: ratio", "users/CPU s: ratio", "MB: ratio"])
    ]
    lines.append(_line(["---"] + ["---:"] * (len(heads) + 4)))
    table = roster.document[standing.dataset]
    for family in table["methods"]:
        peers = [name for name in table["ours"][family]["peers"] if name in standing.by_method]
        for name in standing.measured(family):
            cells = _cells(standing.by_method[name], quality)
            lines.append(_line([f"**{name}**", *cells, *_ratios(standing, name, peers)]))
        for name in peers:
            cells = _cells(standing.by_method[name], quality)
            lines.append(_line([name, *cells, "", "", "", ""]))
    return "\n".join(lines)


def published_table(standing: Standing) -> str:
    """Return the table of figures that others published."""
    quality = [name for name in QUALITY[standing.dataset] if name != "mrr"]
    lines = [_line(["method", *(HEADS[name] for name in quality), "source"])]
    lines.append(_line(["---"] + ["---:"] * len(quality) + ["---"]))
    for name in standing.published():
        figures = standing.by_method[name]
        cells = [f"{figures[metric]['value']:.4f}" for metric in quality]
        lines.append(_line([name, *cells, figures[quality[0]]["source"]]))
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


def _cells(figures: Figures, quality: Sequence[str]) -> list[str]:
    """Return a contender's figures, quality with its interval."""
    accuracy = [_with_limits(figures[name]) if name in figures else "" for name in quality]
    return accuracy + [_number(figures[name]["value"]) if name in figures else "" for name in COSTS]


def _with_limits(row: Row) -> str:
    """Return a value with how far it could be off."""
    if row["low"] is None:
        return f"{row['value']:.4f}"
    return f"{row['value']:.4f} ±{(row['high'] - row['low']) / 2:.4f}"


def _ratios(standing: Standing, name: str, peers: list[str]) -> list[str]:
    """Return ours over the best peer's for quality, time, speed and memory."""
    qualities = {
        peer: standing.by_method[peer]["ndcg@10"]["value"]
        for peer in peers
        if "ndcg@10" in standing.by_method[peer]
    }
    if not qualities:
        return ["", "", "", ""]
    best = max(qualities, key=lambda peer: qualities[peer])
    ours, theirs = standing.by_method[name], standing.by_method[best]
    metrics = ("ndcg@10", "train_cpu_seconds", "users_per_cpu_second", "peak_rss_mb")
    return [_ratio(ours, theirs, metric) for metric in metrics]


def _ratio(ours: Figures, theirs: Figures, metric: str) -> str:
    """Return one ratio to two digits."""
    if metric not in ours or metric not in theirs or not theirs[metric]["value"]:
        return ""
    return f"{ours[metric]['value'] / theirs[metric]['value']:.2f}"


def _number(value: float) -> str:
    """Return a cost with about three digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _line(cells: Sequence[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"
