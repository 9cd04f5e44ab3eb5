"""Draw a study: its history, what mattered, and the metric over each hyperparameter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coadapt.tuning.goals import Goal
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.trials import Outcome
from coadapt.tuning.tune import Tuned

BLUE: Final = "#1f5aa6"
RED: Final = "#d1495b"
INK: Final = "#22303c"
FAINT: Final = "#8b97a3"
N_COLUMNS: Final = 3


def history_picture(tuned: Tuned) -> Figure:
    """Draw each trial's figure in the order of ending, and the best so far."""
    goal = tuned.subject.goal
    figure, axes = _canvas("Every trial, and the best so far", (9.6, 4.6))
    for state, style in _STYLES.items():
        chosen = [
            (place, goal.figure(each.value))
            for place, each in enumerate(tuned.outcomes, start=1)
            if each.state == state and each.value is not None
        ]
        if chosen:
            places, figures = zip(*chosen, strict=True)
            axes.plot(places, figures, "o", label=state, **style)
    losses = [math.inf if each.value is None else each.value for each in tuned.outcomes]
    best = [goal.figure(loss) for loss in accumulate(losses, min)]
    axes.step(range(1, len(best) + 1), best, where="post", color=BLUE, label="best so far")
    failed = [n for n, each in enumerate(tuned.outcomes, start=1) if each.state == "failed"]
    for place in failed:
        axes.axvline(place, color=RED, alpha=0.3, linewidth=1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    said = "trials ended (red lines: failed)" if failed else "trials ended"
    axes.set(xlabel=said, ylabel=f"{goal.metric} ({goal.sense})")
    axes.legend(frameon=False, fontsize=9)
    return figure


def importance_picture(shares: Mapping[str, float]) -> Figure:
    """Draw how much each hyperparameter accounts for by itself, the most at the top."""
    figure, axes = _canvas("What mattered", (9.6, 0.8 + 0.36 * len(shares)))
    names = list(shares)[::-1]
    axes.barh(names, [100 * shares[name] for name in names], color=BLUE, height=0.6)
    axes.set(xlabel="share of the variance of ranks, %", xlim=(0, 100))
    return figure


def slices_picture(tuned: Tuned, shares: Mapping[str, float]) -> Figure:
    """Draw the metric over each hyperparameter, the most important first."""
    by_name = {each.name: each for each in tuned.subject.plan.space.parameters}
    n_columns = max(1, min(N_COLUMNS, len(shares)))
    n_rows = math.ceil(len(shares) / n_columns)
    figure = Figure(figsize=(3.2 * n_columns, 2.6 * n_rows), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel().tolist()
    for axes, name in zip(panels, shares, strict=False):
        _slice(axes, by_name[name], tuned.outcomes, tuned.subject.goal)
    for axes in panels[len(shares) :]:
        axes.set_visible(False)
    return figure


def _slice(axes: Axes, parameter: Parameter, outcomes: Sequence[Outcome], goal: Goal) -> None:
    """Draw one panel."""
    points = [
        (each.trial.values[parameter.name], goal.figure(each.value), each.trial.number)
        for each in outcomes
        if each.value is not None and parameter.name in each.trial.values
    ]
    _tidy(axes, parameter.name)
    if points:
        values, figures, numbers = zip(*points, strict=True)
        places = [parameter.to_unit(value) for value in values]
        axes.scatter(places, figures, c=numbers, cmap="Blues", edgecolors=INK, linewidths=0.4, s=22)
    shown = parameter.lattice(3)
    labels = [f"{v:.4g}" if isinstance(v, float) else str(v) for v in shown]
    axes.set_xticks([parameter.to_unit(value) for value in shown], labels)
    axes.set(xlim=(-0.03, 1.03))
    axes.set_ylabel(goal.metric, fontsize=8)


def _canvas(title: str, size: tuple[float, float]) -> tuple[Figure, Axes]:
    """Return a figure with one tidy plot."""
    figure = Figure(figsize=size, dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    _tidy(axes, title)
    return figure, axes


def _tidy(axes: Axes, title: str) -> None:
    """Give a plot its title and take off what says nothing."""
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8)


_STYLES: Final[Mapping[str, Any]] = {
    "done": {"color": FAINT},
    "stopped": {"color": FAINT, "markerfacecolor": "none"},
}
