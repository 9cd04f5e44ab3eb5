"""Turn played cells into result rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from contest.rows import Occasion, Row

from tuning.cells import BUDGETS, Played
from tuning.judging import BASELINE, JUDGED_AT, SOLVED, TIE, Regrets, regrets_by_budget, verdicts

SYNTHETIC: Final = "all synthetic problems"
REAL: Final = "all real models"
SCORE: Final = f"score over {BASELINE}"
OPEN_SCORE: Final = f"{SCORE} where its mean regret is above {SOLVED:g}"


def contest_rows(
    occasion: Occasion,
    title: str,
    played: Sequence[Played],
    ranges: Mapping[str, float],
    ours: str,
) -> Iterator[Row]:
    """Yield medians a problem, ranks and scores a budget, wins, tests and costs.

    `title` names all problems together.
    """
    if not played:
        return
    by_budget = regrets_by_budget(played, ranges)
    n_seeds = by_budget[JUDGED_AT].n_seeds
    facts = {"protocol": f"seeds: {n_seeds}; regret over the problem's range"}
    for budget, regrets in by_budget.items():
        if regrets.n_seeds:
            of_budget = {**facts, "budget": f"{budget} evaluations"}
            yield from _regret_rows(occasion, of_budget, regrets)
            yield from _overall_rows(occasion, {**of_budget, "dataset": title}, regrets)
    for rival, verdict in verdicts(played, ranges, ours).items():
        named = {
            "dataset": title,
            "method": ours,
            "protocol": f"seeds: {verdict.n_seeds}",
            "budget": f"{JUDGED_AT} evaluations",
        }
        yield occasion.row(f"wins over {rival}", verdict.wins, **named)
        yield occasion.row(f"Holm's p over {rival}", verdict.p_value, **named)
    yield from _cost_rows(occasion, {**facts, "dataset": title}, played)


def _regret_rows(occasion: Occasion, facts: Mapping[str, str], regrets: Regrets) -> Iterator[Row]:
    """Yield the median regret of each searcher on each problem, with quartiles."""
    quartiles = np.percentile(regrets.regrets, (25, 75), axis=2)
    for p, problem in enumerate(regrets.problems):
        for s, searcher in enumerate(regrets.searchers):
            yield occasion.row(
                f"median regret, {facts['budget']}",
                float(regrets.medians[p, s]),
                **facts,
                dataset=problem,
                method=searcher,
                low=float(f"{quartiles[0, p, s]:.4g}"),
                high=float(f"{quartiles[1, p, s]:.4g}"),
            )


def _overall_rows(occasion: Occasion, facts: Mapping[str, str], regrets: Regrets) -> Iterator[Row]:
    """Yield mean ranks and scores, with and without the problems that the baseline has solved."""
    for searcher, rank in zip(regrets.searchers, regrets.ranks(), strict=True):
        metric = f"mean rank, {facts['budget']}"
        yield occasion.row(metric, float(rank), **facts, method=searcher)
    for name, solved in ((SCORE, TIE), (OPEN_SCORE, SOLVED)):
        scores = regrets.scores(solved)
        if scores is not None:
            for searcher, score in zip(regrets.searchers, scores, strict=True):
                metric = f"{name}, {facts['budget']}"
                yield occasion.row(metric, float(score), **facts, method=searcher)


def _cost_rows(
    occasion: Occasion, facts: Mapping[str, str], played: Sequence[Played]
) -> Iterator[Row]:
    """Yield what a searcher itself costs: milliseconds an ask, processor seconds a study."""
    for searcher in sorted({each.searcher for each in played}):
        theirs = [each for each in played if each.searcher == searcher]
        named = {**facts, "method": searcher}
        asks = [each.ask_ms for each in theirs]
        yield occasion.row("ms an ask at 100, median", float(np.median(asks)), **named)
        yield occasion.row("ms an ask at 100, largest of problems", _worst(theirs), **named)
        cpu_s = float(np.mean([each.cpu_s for each in theirs]))
        yield occasion.row(f"CPU seconds a study of {BUDGETS[-1]}", cpu_s, **named)


def _worst(played: Sequence[Played]) -> float:
    """Return the largest over problems of the median milliseconds an ask."""
    problems = {each.problem for each in played}
    return max(
        float(np.median([each.ask_ms for each in played if each.problem == problem]))
        for problem in problems
    )
