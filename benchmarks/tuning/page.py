"""Tell of the contest between searchers on the page of benchmarks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from contest.markdown import head, line
from contest.rows import Row

from tuning.cells import BUDGETS
from tuning.curve_cells import CURVE_BUDGETS, TASK
from tuning.figures import OPEN_SCORE, REAL, SCORE, SYNTHETIC
from tuning.judging import JUDGED_AT, SOLVED

MODEL_NAMES: Final = ("tree", "knn", "linear", "svm", "forest", "mlp")

INTRODUCTION: Final = f"""\
## Tuning: who comes nearer to the optimum with as many evaluations?

Problems are fixed in decision 11, and our searcher was developed on others: shifted and rotated
functions whose optimum is known, and models of scikit-learn replayed from tables of settings. The
rivals are Optuna's samplers at their defaults. Regret is the best value so far less the optimum;
ranks are means over problems and seeds, 1 being best; the score is 100 (1 - mean regret / that of
random search), at least -100 a problem, the mean over problems. A second score, where it stands,
leaves out the problems that random search all but solves (mean regret of {SOLVED:g} at most).
"""
CURVES_INTRODUCTION: Final = """\
### A network's learning curves

The LSTM of decision 12, replayed from a table of its settings, epoch by epoch. What may be spent is
what so many whole trainings cost, so who stops hopeless trials early tries more of them. Mean ranks
over seeds; regret is that of the best validation accuracy.
"""
TITLES: Final = {SYNTHETIC: "Functions", REAL: "Models"}


def tuning_parts(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the page's parts, none where nothing was measured."""
    if not rows:
        return
    yield INTRODUCTION
    problems = {title: [r for r in rows if r["dataset"] == title] for title in TITLES}
    models = tuple(f"{name}-" for name in MODEL_NAMES)
    for title, found in problems.items():
        if found:
            is_real = title == REAL
            medians = [r for r in rows if r["dataset"].startswith(models) is is_real]
            yield f"### {TITLES[title]}\n"
            yield _rank_table(found)
            yield from _win_table(found)
            yield _regret_table(medians)
    curves = [row for row in rows if row["dataset"] == TASK]
    if curves:
        yield CURVES_INTRODUCTION
        yield _curve_table(curves)


def _rank_table(rows: Sequence[Row]) -> str:
    """Return mean ranks by budget and scores, the best first, and what an ask costs."""
    found = {(row["method"], row["metric"]): row["value"] for row in rows}
    at_judged, cost = f"mean rank, {JUDGED_AT} evaluations", "ms an ask at 100, median"
    ranked = {method for method, metric in found if metric == at_judged}
    heads = [f"rank at {budget}" for budget in BUDGETS]
    scored = _scores_shown(found)
    lines = head(["searcher", *heads, *scored, "ms an ask at 100"])
    for method in sorted(ranked, key=lambda name: found[name, at_judged]):
        ranks = [found[method, f"mean rank, {budget} evaluations"] for budget in BUDGETS]
        scores = [found[method, metric] for metric in scored.values()]
        shown = [*(f"{r:.2f}" for r in ranks), *(f"{s:.1f}" for s in scores)]
        lines.append(line([method, *shown, f"{found[method, cost]:.1f}"]))
    return f"{rows[0]['protocol']}.\n\n" + "\n".join(lines) + "\n"


def _scores_shown(found: Mapping[tuple[str, str], float]) -> dict[str, str]:
    """Return the metrics of scores by their heads, the second only where it says something else."""
    whole, open_ones = (f"{name}, {JUDGED_AT} evaluations" for name in (SCORE, OPEN_SCORE))
    shown = {f"score at {JUDGED_AT}": whole}
    kept = {method: score for (method, metric), score in found.items() if metric == open_ones}
    if any(found[method, whole] != score for method, score in kept.items()):
        shown["without solved"] = open_ones
    return shown


def _win_table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield on how many problems ours has the lower median, and whether chance explains it."""
    wins = [row for row in rows if row["metric"].startswith("wins over ")]
    p_of = {row["metric"]: row["value"] for row in rows}
    if not wins:
        return
    lines = head(["rival", f"problems won at {JUDGED_AT}", "p (Wilcoxon, Holm)", "of"])
    for row in wins:
        rival = row["metric"].removeprefix("wins over ")
        p_value = p_of["Holm's p over " + rival]
        lines.append(line([rival, f"{row['value']:.0%}", f"{p_value:.3g}", row["protocol"]]))
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


def _curve_table(rows: Sequence[Row]) -> str:
    """Return mean ranks and median regrets of every budget, the best player first."""
    found = {(row["method"], row["metric"]): row["value"] for row in rows}
    players = {row["method"] for row in rows}
    spent = [budget.name for budget in CURVE_BUDGETS]
    lines = head(["searcher", *(f"rank (regret), {each}" for each in spent)])
    for player in sorted(players, key=lambda name: found[name, f"mean rank, {spent[1]}"]):
        figures = [
            (found[player, f"mean rank, {each}"], found[player, f"median regret, {each}"])
            for each in spent
        ]
        lines.append(line([player, *(f"{rank:.2f} ({regret:.2g})" for rank, regret in figures)]))
    return f"{rows[0]['protocol']}.\n\n" + "\n".join(lines) + "\n"


def _marked(value: float, best: float) -> str:
    """Return a figure, bold where it is the best."""
    return f"**{value:.2g}**" if value == best else f"{value:.2g}"
