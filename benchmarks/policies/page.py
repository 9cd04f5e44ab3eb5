"""Lay out the policies' result rows as a part of the page of benchmarks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Final

from contest.markdown import head, line
from contest.rows import Row

from policies.figures import FORECAST, LIFT, LOOSE
from policies.trial import ASSUMPTIONS

TITLE: Final = "## Policies: what was forecast, and what they earned when let loose\n"

INTRODUCTION: Final = """\
A made-up shop with a truth of its own serves slates of five, chosen by Plackett-Luce with
temperature .5. By the newest three tenths of them (tuning sees the older ones only) each policy's
clicks a slate are forecast without showing anything; then it serves the same shop from the same
start, and the clicks on its newest three tenths are counted. "Agree": in how many shops the two
differ by no more than the 95 % interval of their difference. The log's own policy says how much two
countings differ.
"""


def policy_parts(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the page's parts on policies."""
    if not rows:
        return
    yield TITLE
    yield INTRODUCTION
    for assumes in ASSUMPTIONS:
        yield f"### Assuming {assumes}\n"
        yield _table(rows, assumes)
    seeds = {row["seed"] for row in rows}
    commands = ", ".join(f"`{text}`" for text in sorted({row["command"] for row in rows}))
    yield f"{len(seeds)} shops; {rows[0]['protocol']}. Command: {commands}.\n"


def _table(rows: Sequence[Row], assumes: str) -> str:
    """Return a line a policy: means over shops, and in how many the forecast held."""
    lines = head(("policy", "forecast", "let loose", "lift, forecast", "lift above 0", "agree"))
    for method in dict.fromkeys(row["method"] for row in _in_order(rows)):
        forecast = _by_seed(rows, method, f"{FORECAST} ({assumes})")
        loose, lift = (_by_seed(rows, method, name) for name in (LOOSE, f"{LIFT} ({assumes})"))
        if not forecast:
            continue
        seeds = sorted(forecast)
        agree = [_do_agree(forecast[seed], loose[seed]) for seed in seeds]
        cells = (
            method,
            f"{fmean(forecast[seed]['value'] for seed in seeds):.4f}",
            f"{fmean(loose[seed]['value'] for seed in seeds):.4f}",
            f"{fmean(lift[seed]['value'] for seed in seeds):+.4f}",
            f"{sum(lift[seed]['low'] > 0 for seed in seeds)} of {len(seeds)}",
            f"{sum(agree)} of {len(agree)}",
        )
        lines.append(line(cells))
    return "\n".join(lines) + "\n"


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows by policy: the log's own first, the tuned one last."""

    def order(row: Row) -> tuple[bool, bool, str]:
        method = row["method"]
        return method.startswith("tuned"), not method.startswith("the log"), method

    return sorted(rows, key=order)


def _by_seed(rows: Sequence[Row], method: str, metric: str) -> dict[int, Row]:
    """Return the rows of one figure by shop."""
    return {row["seed"]: row for row in rows if (row["method"], row["metric"]) == (method, metric)}


def _do_agree(forecast: Row, loose: Row) -> bool:
    """Tell whether two figures differ by no more than the interval of their difference."""
    margins = [(row["high"] - row["low"]) / 2 for row in (forecast, loose)]
    return bool(abs(forecast["value"] - loose["value"]) <= math.hypot(*margins))
