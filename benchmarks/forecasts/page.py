"""Lay out the forecasts' result rows as parts of the page of benchmarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from contest.markdown import head, line
from contest.rows import Row

FIGURES: Final = {
    "crps": "CRPS",
    "gini": "Gini",
    "spearman": "Spearman",
    "mae": "MAE of the mean",
    "total off by": "total off by",
}
DATASETS: Final = {"cdnow": "CDNOW", "uci-online-retail": "UCI Online Retail"}
RIVALS: Final = ("rfm", "bg_nbd", "ziln", "boosted_trees")

INTRODUCTION: Final = """\
Three cut-offs a data set; customers known before each; net spend in the 30 days after it. Each
model chooses its settings 30 days earlier (`benchmarks/forecasts.toml`), is fitted at the cut-off
by labels that end there, and is scored once; networks with three seeds. Nine customers in ten spend
nothing, so the mean absolute error is least for whoever says zero: forecasts are distributions,
scored by CRPS, which is the absolute error for a point. Totals are off by |forecast / actual - 1|.
"""

PAPER: Final = """\
The paper's own row, on its own data: error of customer lifetime value .21 in full, .26 without
decay, .25 refreshed hourly. Cut-offs here are at midnight, so an hourly refresh sees all there is.
"""

LINKS: Final = """\
Which of 1,000 pages an editor turns to, by state from strictly earlier events; seeds choose their
epoch by validation and are tested once. Ablations have an epoch budget of their own, `full` too.
"""


def forecast_parts(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the page's parts on forecasts of spend."""
    if not rows:
        return
    yield "## What customers will spend in 30 days\n"
    yield INTRODUCTION
    for dataset, title in DATASETS.items():
        yield f"### {title}, mean of three cut-offs\n"
        yield _means(rows, dataset)
        yield from _differences(rows, dataset)
        yield from _ablations(rows, dataset)
    yield from _streaming(rows)
    yield from _links(rows)


def _means(rows: Sequence[Row], dataset: str) -> str:
    """Return the table of every model's means."""
    found = {
        (row["method"], row["metric"]): row["value"]
        for row in rows
        if row["dataset"] == dataset and row["seed"] is None
    }
    methods = [name for name in ("duve", *RIVALS) if (name, "crps") in found]
    lines = head(["model", *FIGURES.values(), "MAE over RFM's"])
    for method in methods:
        cells = [f"{found[method, metric]:,.5g}" for metric in FIGURES]
        change = found[method, "mae"] / found["rfm", "mae"] - 1
        lines.append(line([_shown(method), *cells, f"{change:+.1%}"]))
    return "\n".join(lines) + "\n"


def _differences(rows: Sequence[Row], dataset: str) -> Iterator[str]:
    """Yield how DUVE differs from each rival at each cut-off, with paired intervals."""
    lines = head(["cut-off", *(f"CRPS less {rival}'s" for rival in RIVALS)])
    cutoffs = sorted({r["dataset"] for r in rows if r["dataset"].startswith(f"{dataset} ")})
    for cutoff in (*cutoffs, dataset):
        cells = [_difference(rows, cutoff, rival) for rival in RIVALS]
        name = "all" if cutoff == dataset else cutoff.removeprefix(f"{dataset} ")
        lines.append(line([name, *cells]))
    if any("(" in each for each in lines):
        yield (
            "DUVE's seeds, averaged, against each rival's over the same customers, at each cut-off "
            "and at all of them (95 % bootstrap over customers):\n"
        )
        yield "\n".join(lines) + "\n"


def _difference(rows: Sequence[Row], cutoff: str, rival: str) -> str:
    """Return one paired difference with its interval."""
    metric = f"crps less {rival}'s"
    for row in rows:
        if row["dataset"] == cutoff and row["metric"] == metric and row["method"] == "duve":
            return f"{row['value']:+.3g} ({row['low']:+.3g} to {row['high']:+.3g})"
    return ""


def _ablations(rows: Sequence[Row], dataset: str) -> Iterator[str]:
    """Yield the table of DUVE without one part after another, means over cut-offs."""
    taken = [r for r in rows if r.get("ablation") and r["dataset"].startswith(f"{dataset} ")]
    names = list(dict.fromkeys(row["ablation"] for row in taken))
    if not names:
        return
    names.sort(key=lambda name: name != "full")
    lines = head(["variant (one member)", "CRPS", "Gini", "MAE of the mean", "CRPS over full"])
    mean = {
        (name, metric): float(
            np.mean([r["value"] for r in taken if (r["ablation"], r["metric"]) == (name, metric)])
        )
        for name in names
        for metric in ("crps", "gini", "mae")
    }
    for name in names:
        cells = [f"{mean[name, metric]:,.5g}" for metric in ("crps", "gini", "mae")]
        change = mean[name, "crps"] / mean["full", "crps"] - 1
        lines.append(line([name, *cells, f"{change:+.1%}"]))
    yield "\n".join(lines) + "\n"
    yield PAPER


def _streaming(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the table of speed, exactness and size."""
    found = [row for row in rows if "made-up events" in row["dataset"]]
    if not found:
        return
    methods = sorted({row["method"] for row in found})
    lines = head([f"{found[0]['dataset']}, {found[0]['protocol']}", *methods])
    for metric in dict.fromkeys(row["metric"] for row in found):
        values = {row["method"]: row["value"] for row in found if row["metric"] == metric}
        cells = [f"{values[method]:,.4g}" if method in values else "" for method in methods]
        lines.append(line([metric, *cells]))
    yield "### Streaming\n"
    yield "\n".join(lines) + "\n"


def _links(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the table of the temporal encoder on links: seeds, their mean, and others' figures."""
    found = [row for row in rows if row["dataset"] == "tgbl-wiki-v2" and row["metric"] == "mrr"]
    if not found:
        return
    lines = head(["who, and what is taken away", "test MRR", "seed", "source"])
    for row in sorted(found, key=lambda row: (row.get("ablation") or "", -row["value"])):
        who = ", ".join(part for part in (row["method"], row.get("ablation")) if part)
        seed = "" if row["seed"] is None else str(row["seed"])
        lines.append(line([who, f"{row['value']:.4f}", seed, row["source"]]))
    yield "### The temporal encoder on links: tgbl-wiki-v2\n"
    yield LINKS
    yield "\n".join(lines) + "\n"


def _shown(method: str) -> str:
    """Return a model's name, ours in bold."""
    return method if method in RIVALS else f"**{method}**"
