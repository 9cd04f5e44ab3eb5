"""Draw the published study's figures 2 to 4 of our own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mlboa.contenders import CNN, TUNED, UNTUNED
from mlboa.rows import SECONDS, Standing
from mlboa.tables import PUBLISHED_RIVALS

BLUE: Final = "#1f5aa6"
RED: Final = "#d1495b"
GREEN: Final = "#3f8f68"
FAINT: Final = "#8b97a3"
LEARNERS: Final = {UNTUNED: BLUE, TUNED: RED, CNN: GREEN}


def draw_figures(standing: Standing, dataset: str, folder: Path) -> list[Path]:
    """Write the three pictures of what was measured."""
    if not standing.methods:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [draw(standing, dataset) for draw in (_accuracy, _costs, _curves)]
    paths = [folder / name for name in file_names(dataset)]
    return [_save(figure, path) for figure, path in zip(pictures, paths, strict=True)]


def file_names(dataset: str) -> list[str]:
    """Return what the three pictures are called, by the published figures' numbers."""
    stem = "".join(letter if letter.isalnum() else "-" for letter in dataset)
    names = ("2-accuracy", "3-rmse-and-seconds", "4-learning-curves")
    return [f"{stem}-figure-{name}.png" for name in names]


def _accuracy(standing: Standing, dataset: str) -> Figure:
    """Draw accuracy by model, published ones as diamonds."""
    figure, (axes,) = _canvas(f"Test accuracy, {dataset}", 1)
    _points(axes, standing, "accuracy", BLUE)
    for row, method in enumerate(standing.methods):
        if method in PUBLISHED_RIVALS:
            axes.plot(PUBLISHED_RIVALS[method][0], row, "D", color=RED, markersize=5)
    axes.plot([], [], "D", color=RED, label="published, on other data")
    _knowable(axes, standing)
    axes.set(xlabel="share of examples")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False, ncols=2)
    return figure


def _knowable(axes: Axes, standing: Standing) -> None:
    """Mark what is knowable of the simulated part."""
    bayes = standing.mean(standing.methods[-1], "bayes accuracy")
    if bayes is not None:
        label = "knowable of the simulated part"
        axes.axvline(bayes.value, color=FAINT, linestyle="--", linewidth=1, label=label)


def _costs(standing: Standing, dataset: str) -> Figure:
    """Draw RMSE and seconds by model."""
    figure, (left, right) = _canvas(f"RMSE and training time, {dataset}", 2)
    _points(left, standing, "rmse", BLUE)
    left.set(xlabel="RMSE of the probability")
    _points(right, standing, SECONDS, GREEN)
    right.set(xlabel="processor seconds of training", yticklabels=[])
    return figure


def _curves(standing: Standing, dataset: str) -> Figure:
    """Draw validation accuracy after each epoch."""
    figure, (axes,) = _canvas(f"Learning curves, {dataset}", 1)
    for method, colour in LEARNERS.items():
        curve = standing.curve(method)
        if curve:
            epochs = range(1, len(curve) + 1)
            axes.plot(epochs, curve, "o-", markersize=3.5, color=colour, label=method)
    axes.set(xlabel="epoch", ylabel="validation accuracy, mean of seeds")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if axes.lines:
        axes.legend(loc="lower right", frameon=False)
    return figure


def _points(axes: Axes, standing: Standing, metric: str, colour: str) -> None:
    """Draw one point a model with its standard error; a bar would need an axis from 0 on."""
    means = [standing.mean(method, metric) for method in standing.methods]
    values = [mean.value if mean else 0.0 for mean in means]
    errors = [0.0 if mean is None or mean.error != mean.error else mean.error for mean in means]
    rows = range(len(values))
    axes.errorbar(values, rows, xerr=errors, fmt="o", color=colour, markersize=7, capsize=3)
    axes.set_yticks(rows, standing.methods)
    axes.set_ylim(-0.6, len(values) - 0.4)
    axes.grid(axis="y", color="#e3e7ea", linewidth=1)
    axes.set_axisbelow(True)


def _canvas(title: str, n_axes: int) -> tuple[Figure, list[Axes]]:
    """Return a figure with plain axes."""
    figure = Figure(figsize=(8.4, 4.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    axes = [figure.add_subplot(1, n_axes, place) for place in range(1, n_axes + 1)]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Figure, path: Path) -> Path:
    """Write a PNG that says nothing of the software."""
    figure.savefig(path, metadata={"Software": None})
    return path
