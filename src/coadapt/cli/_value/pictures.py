"""Draw what a forecast is worth: calibration, gain, and one person's story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from coadapt.data.batches import FloatArray
from coadapt.evaluation.forecasting import Evaluated
from coadapt.evaluation.metrics.forecast import normalised_gini
from coadapt.training.trajectory import Trajectory

BLUE: Final = "#1f5aa6"
RED: Final = "#d1495b"
INK: Final = "#22303c"
FAINT: Final = "#8b97a3"
COLOURS: Final = (BLUE, RED, "#3f8f68", "#d08c1d", "#7d5ba6", "#00798c", "#8d6e63")
SQUARE: Final = (6.4, 5.6)
WIDE: Final = (9.6, 5.2)
MAX_TYPES: Final = 8


def calibration_picture(evaluated: Mapping[str, Evaluated], title: str, unit: str) -> Figure:
    """Draw mean actual spend over mean forecast, a tenth of the users a point."""
    figure, axes = _canvas(title)
    tops = [1e-9]
    for (name, each), colour in zip(evaluated.items(), COLOURS, strict=False):
        deciles = each.deciles
        style = _style(colour, is_first=colour == BLUE)
        axes.plot(deciles.expected, deciles.actual, "o-", markersize=4.5, label=name, **style)
        tops += [deciles.expected.max(), deciles.actual.max()]
    top = 1.05 * max(tops)
    axes.plot([0, top], [0, top], "--", color=FAINT, linewidth=1, zorder=0, label="spent as said")
    axes.set(xlim=(0, top), ylim=(0, top))
    axes.set_xlabel(f"forecast, mean of a tenth of the users{unit}")
    axes.set_ylabel(f"spent, mean of the same users{unit}")
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    return figure


def gain_picture(evaluated: Mapping[str, Evaluated], title: str) -> Figure:
    """Draw which share of all spend the users with the highest forecasts account for."""
    figure, axes = _canvas(title)
    actual = next(iter(evaluated.values())).outcome.actual
    axes.plot(*_gain(actual, actual), "--", color=FAINT, linewidth=1, label="perfect order")
    for (name, each), colour in zip(evaluated.items(), COLOURS, strict=False):
        expected = each.forecast.expected_spend
        label = f"{name}, Gini {normalised_gini(expected, actual):.3f}"
        style = _style(colour, is_first=colour == BLUE)
        axes.plot(*_gain(expected, actual), label=label, **style)
    axes.plot([0, 100], [0, 100], ":", color=FAINT, linewidth=1, label="by chance")
    axes.set(xlim=(0, 100), ylim=(0, 102))
    axes.set_xlabel("users with the highest forecasts, %")
    axes.set_ylabel("their share of what was spent, %")
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    return figure


def story_picture(story: Trajectory, title: str, unit: str) -> Figure:
    """Draw a person's forecasts as a line, what they spent as stems, every event as a mark."""
    figure = Figure(figsize=WIDE, dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    _tidy(above, title)
    _tidy(below, "")
    days = story.instants.astype("datetime64[ms]")
    above.fill_between(
        days, story.low, story.high, color=BLUE, alpha=0.13, linewidth=0, label="90 % of outcomes"
    )
    above.plot(days, story.expected, color=BLUE, linewidth=1.8, label="expected spend")
    _stems(above, story)
    above.set_ylabel(f"spend{unit}")
    above.legend(frameon=False, fontsize=9, loc="upper left", ncols=3)
    top = 1.2 * max(story.high.max(), story.amounts.max(initial=0.0), 1e-9)
    above.set(xlim=(days[0], days[-1]), ylim=(1.1 * min(0.0, story.amounts.min(initial=0.0)), top))
    _marks(below, story)
    below.xaxis_date()
    return figure


def _stems(axes: Axes, story: Trajectory) -> None:
    """Draw what was spent, and taken back, when."""
    moves = story.amounts != 0
    moments, amounts = story.event_times[moves].astype("datetime64[ms]"), story.amounts[moves]
    if len(amounts):
        axes.vlines(moments, 0, amounts, color=RED, linewidth=1.4)
        axes.plot(moments, amounts, "o", color=RED, markersize=4, label="spent that moment")
    axes.axhline(0, color=FAINT, linewidth=0.8)


def _marks(axes: Axes, story: Trajectory) -> None:
    """Draw a row of marks for each of the most frequent types of event."""
    names = [name for name, _ in Counter(story.event_types).most_common(MAX_TYPES)]
    for row, name in enumerate(names):
        is_type = np.array([each == name for each in story.event_types])
        moments = story.event_times[is_type].astype("datetime64[ms]")
        axes.plot(moments, np.full(len(moments), row), "|", color=INK, markersize=9)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _canvas(title: str) -> tuple[Figure, Axes]:
    """Return a square figure with one tidy pair of axes."""
    figure = Figure(figsize=SQUARE, dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    _tidy(axes, title)
    return figure, axes


def _tidy(axes: Axes, title: str) -> None:
    """Leave out what carries nothing."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(color="#e6eaee", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontsize=11, color=INK, pad=12)


def _style(colour: str, *, is_first: bool) -> dict[str, Any]:
    """Return how a model's line is drawn: the one that is judged stands out."""
    return {"color": colour, "linewidth": 2.2 if is_first else 1.2, "zorder": 3 if is_first else 2}


def _gain(order: FloatArray, actual: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return shares of users and of spend in percent, highest forecasts first."""
    places = np.argsort(-order, kind="stable")
    total = actual.sum() or 1.0
    gains = np.concatenate(([0.0], np.cumsum(actual[places]))) / total
    return np.linspace(0, 100, len(gains)), 100 * gains


def unit_of(currency: str | None) -> str:
    """Return a currency as it stands behind the name of an axis."""
    return "" if currency is None else f", {currency}"
