"""Draw quality against processor time as a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from contest.rows import Row
from contest.scoring import CURVE

Curves = dict[tuple[str, int], list[tuple[float, float]]]
"""Points (CPU seconds, NDCG@10) by method and seed."""


def draw_curves(rows: Sequence[Row], dataset: str, target: Path) -> bool:
    """Write a PNG of every curve, a line a seed; answer whether there was one to draw."""
    curves = _curves(rows, dataset)
    if not curves:
        return False
    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=120)
    _draw_lines(axes, curves)
    _draw_levels(axes, _levels(rows, dataset))
    axes.set(xlabel="CPU seconds of training, evaluation excluded", ylabel="NDCG@10 on test items")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.legend(loc="lower right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Software": None})
    plt.close(figure)
    return True


def _curves(rows: Sequence[Row], dataset: str) -> Curves:
    """Gather the points of each curve."""
    curves: Curves = defaultdict(list)
    for row in rows:
        if row["metric"] == CURVE and row["dataset"] == dataset:
            curves[row["method"], row["seed"]].append((row["seconds"], row["value"]))
    return curves


def _draw_lines(axes: Axes, curves: Curves) -> None:
    """Draw a line a seed, one colour and one name a method."""
    names = sorted({name for name, _ in curves})
    for (name, seed), points in sorted(curves.items()):
        is_first = seed == min(other for method, other in curves if method == name)
        seconds, values = zip(*sorted(points), strict=True)
        axes.plot(
            seconds,
            values,
            color=f"C{names.index(name)}",
            label=name if is_first else None,
            marker=".",
            linewidth=1.2,
        )


def _draw_levels(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw published figures as dashed lines with their names."""
    for row in rows:
        axes.axhline(row["value"], color="0.6", linewidth=0.8, linestyle="--")
        axes.annotate(
            row["method"],
            (0.995, row["value"]),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize=7,
            color="0.4",
        )


def _levels(rows: Sequence[Row], dataset: str) -> list[Row]:
    """Return published figures of the same file and split, drawn as levels."""
    return [
        row
        for row in rows
        if row["dataset"] == dataset and row["metric"] == "ndcg@10" and "same file" in row["source"]
    ]
