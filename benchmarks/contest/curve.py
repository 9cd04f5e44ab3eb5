"""Draw quality against processor time as a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

from contest.rows import Row
from contest.scoring import CURVE


def draw_curves(rows: Sequence[Row], dataset: str, target: Path) -> bool:
    """Write a PNG of every curve, a line a seed; answer whether there was one to draw."""
    curves: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        if row["metric"] == CURVE and row["dataset"] == dataset:
            curves[row["method"], row["seed"]].append((row["seconds"], row["value"]))
    if not curves:
        return False
    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=120)
    colours = {name: f"C{i}" for i, name in enumerate(dict.fromkeys(name for name, _ in curves))}
    named: set[str] = set()
    for (name, _seed), points in sorted(curves.items()):
        label = None if name in named else name
        named.add(name)
        seconds, values = zip(*sorted(points), strict=True)
        axes.plot(seconds, values, color=colours[name], label=label, marker=".", linewidth=1.2)
    for row in _levels(rows, dataset):
        axes.axhline(row["value"], color="0.6", linewidth=0.8, linestyle="--")
        axes.annotate(row["method"], (0.995, row["value"]), xycoords=("axes fraction", "data"),
                      ha="right", va="bottom", fontsize=7, color="0.4")  # fmt: skip
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


def _levels(rows: Sequence[Row], dataset: str) -> list[Row]:
    """Return published figures of the same file and split, drawn as levels."""
    return [
        row
        for row in rows
        if row["dataset"] == dataset and row["metric"] == "ndcg@10" and "same file" in row["source"]
    ]
