"""Lay out a contest of value models as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from coadapt.evaluation.forecasting import SEGMENTS
from coadapt.evaluation.summary import Summary
from coadapt.training.forecast_judging import Judged, JudgedAt
from coadapt.training.value_contest import Contest

COLUMNS: Final = {
    "crps": "CRPS",
    "mae": "MAE",
    "rmse": "RMSE",
    "spearman": "Spearman",
    "gini": "Gini",
    "total_ratio": "total",
    "decile_mape": "decile error",
}
"""Figures in the order in which they are read, and their heads."""

_IN_CURRENCY: Final = ("crps", "mae", "rmse")
_DECISIVE: Final = ("crps", "gini")


def cutoff_rows(contest: Contest, place: int) -> Iterator[tuple[str, ...]]:
    """Yield each model's figures at one cut-off."""
    for name, judged in contest.judged.items():
        yield (name, *(_cell(judged.at[place], figure) for figure in COLUMNS))


def interval_heads(contest: Contest) -> tuple[str, ...]:
    """Return the heads of a table of intervals."""
    return ("model", "CRPS", "Gini", f"CRPS: {contest.name} less this")


def interval_rows(contest: Contest, place: int) -> Iterator[tuple[str, ...]]:
    """Yield the 95 % intervals of what decisions hang on, and how far the judged model is ahead."""
    for name, judged in contest.judged.items():
        summaries = judged.at[place].summaries
        cells = (_interval(figure, summaries.get(figure)) for figure in _DECISIVE)
        yield (name, *cells, _lead(contest, name, place))


def segment_rows(contest: Contest, place: int) -> Iterator[tuple[str, ...]]:
    """Yield each model's CRPS and forecast total over actual total, by segment."""
    for name, judged in contest.judged.items():
        figures = [judged.at[place].evaluated.figures(segment) for segment in SEGMENTS]
        pairs = ((each.crps, each.total_ratio) for each in figures)
        yield (
            name,
            *(f"{crps:.2f} ({total:.2f})".replace("nan (nan)", "-") for crps, total in pairs),
        )


def segment_heads(contest: Contest, place: int) -> tuple[str, ...]:
    """Return the segments with the number of their users."""
    at = contest.judged[contest.name].at[place]
    sizes = [at.evaluated.figures(segment).n_users for segment in SEGMENTS]
    return ("model", *(f"{name} ({n:,})" for name, n in zip(SEGMENTS, sizes, strict=True)))


def mean_rows(contest: Contest) -> Iterator[tuple[str, ...]]:
    """Yield each model's figures, means over the cut-offs."""
    for name, judged in contest.judged.items():
        yield (name, *(_mean(judged, figure) for figure in COLUMNS))


def _cell(at: JudgedAt, figure: str) -> str:
    """Return a figure as it is read, a dash where it is not defined."""
    summary = at.summaries.get(figure)
    if summary is None:
        return "-"
    return _number(figure, summary.value)


def _lead(contest: Contest, name: str, place: int) -> str:
    """Return how far the judged model is ahead of another, with the interval of paired users."""
    if name == contest.name:
        return ""
    lead = contest.leads(name)[place]
    return f"{lead.value:+.3f} ({lead.low:+.3f} to {lead.high:+.3f})"


def _mean(judged: Judged, figure: str) -> str:
    """Return a figure's mean over the cut-offs."""
    value = judged.means().get(figure)
    return "-" if value is None else _number(figure, value)


def _interval(figure: str, summary: Summary | None) -> str:
    """Return an interval."""
    if summary is None:
        return "-"
    return f"{_number(figure, summary.low)} to {_number(figure, summary.high)}"


def _number(figure: str, value: float) -> str:
    """Return a figure as it is read: two digits of money, three of a share."""
    return f"{value:,.2f}" if figure in _IN_CURRENCY else f"{value:.3f}"
