"""Tell of the contest between searchers on the page of benchmarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from contest.markdown import head, line
from contest.rows import Row

from tuning.cells import BUDGETS
from tuning.figures import ALL
from tuning.judging import JUDGED_AT

INTRODUCTION: Final = """\
## Tuning: who comes nearer to the optimum with as many evaluations?

Shifted and rotated functions whose optimum is known, fixed in decision 11 before our searcher was
developed on other functions; rivals are Optuna's samplers at their defaults. Regret is the best
value so far less the optimum; ranks are means over problems and seeds, 1 being best.
"""


def tuning_parts(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the page's parts, none where nothing was measured."""
    ranks = {
        (row["method"], row["metric"]): row["value"]
        for row in rows
        if row["dataset"] == ALL and row["metric"].startswith("mean rank")
    }
    if not ranks:
        return
    yield INTRODUCTION
    yield _rank_table(rows, ranks)
    yield from _win_table(rows)
    yield _regret_table(rows)


def _rank_table(rows: Sequence[Row], ranks: dict[tuple[str, str], float]) -> str:
    """Return mean ranks by budget, the best searcher first, and what an ask costs."""
    costs = {r["method"]: r["value"] for r in rows if r["metric"] == "ms an ask at 100, median"}
    at_judged = f"mean rank, {JUDGED_AT} evaluations"
    methods = sorted({method for method, _ in ranks}, key=lambda name: ranks[name, at_judged])
    heads = [f"rank at {budget}" for budget in BUDGETS]
    lines = head(["searcher", *heads, "ms an ask at 100"])
    for method in methods:
        cells = [f"{ranks[method, f'mean rank, {budget} evaluations']:.2f}" for budget in BUDGETS]
        lines.append(line([method, *cells, f"{costs[method]:.1f}"]))
    protocol = next(r["protocol"] for r in rows if r["metric"] == at_judged)
    return f"{protocol}.\n\n" + "\n".join(lines) + "\n"


def _win_table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield on how many problems ours has the lower median, and whether chance explains it."""
    wins = [row for row in rows if row["metric"].startswith("wins over ")]
    p_of = {row["metric"]: row["value"] for row in rows}
    if not wins:
        return
    lines = head(["rival", f"problems won at {JUDGED_AT}", "p (Wilcoxon, Holm)"])
    for row in wins:
        rival = row["metric"].removeprefix("wins over ")
        p_value = p_of["Holm's p over " + rival]
        lines.append(line([rival, f"{row['value']:.0%}", f"{p_value:.3g}"]))
    yield f"{wins[0]['method']} against each rival:\n"
    yield "\n".join(lines) + "\n"


def _regret_table(rows: Sequence[Row]) -> str:
    """Return each problem's median regrets at the budget that is judged."""
    metric = f"median regret, {JUDGED_AT} evaluations"
    found = {(r["dataset"], r["method"]): r["value"] for r in rows if r["metric"] == metric}
    problems = list(dict.fromkeys(problem for problem, _ in found))
    methods = sorted({method for _, method in found})
    lines = head([f"median regret at {JUDGED_AT} / range", *methods])
    for problem in problems:
        best = min(found[problem, method] for method in methods)
        cells = [_marked(found[problem, method], best) for method in methods]
        lines.append(line([problem, *cells]))
    return "\n".join(lines) + "\n"


def _marked(value: float, best: float) -> str:
    """Return a figure, bold where it is the best."""
    return f"**{value:.2g}**" if value == best else f"{value:.2g}"
