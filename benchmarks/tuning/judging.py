"""Say who found more with as many evaluations: wins, ranks, and whether chance would do as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import rankdata, wilcoxon

from coadapt.data.batches import FloatArray
from coadapt.evaluation.comparison import holm
from tuning.cells import BUDGETS, Played

JUDGED_AT: Final = 100
BASELINE: Final = "random"
TIE: Final = 1e-6
"""Regrets this much of a problem's range apart are alike."""
SOLVED: Final = 1e-4
"""A baseline whose mean regret is at most this much of the range has all but solved a problem: a
score there is a ratio of almost nothing."""


@dataclass(frozen=True, slots=True)
class Regrets:
    """Hold normalised simple regrets, shape (n_problems, n_searchers, n_seeds), at one budget.

    Only seeds that every searcher has played on every problem count.
    """

    problems: tuple[str, ...]
    searchers: tuple[str, ...]
    regrets: FloatArray

    @classmethod
    def of(cls, played: Sequence[Played], ranges: Mapping[str, float], budget: int) -> Regrets:
        """Return the regrets of what was played; empty where no seed is complete."""
        problems = tuple(name for name in ranges if any(p.problem == name for p in played))
        searchers = tuple(sorted({p.searcher for p in played}))
        found = {(p.problem, p.searcher, p.seed): p.regret(budget) for p in played}
        seeds = [
            seed
            for seed in sorted({p.seed for p in played})
            if all((p, s, seed) in found for p in problems for s in searchers)
        ]
        regrets = [
            [[found[p, s, seed] / ranges[p] for seed in seeds] for s in searchers] for p in problems
        ]
        shape = (len(problems), len(searchers), len(seeds))
        return cls(problems, searchers, np.array(regrets, np.float64).reshape(shape))

    @property
    def n_seeds(self) -> int:
        """Count the complete seeds."""
        return self.regrets.shape[2]

    @property
    def medians(self) -> FloatArray:
        """Return the median over seeds, shape (n_problems, n_searchers)."""
        found: FloatArray = np.median(self.regrets, axis=2)
        return found

    def ranks(self) -> FloatArray:
        """Return each searcher's mean rank over problems and seeds, 1 being best."""
        ties = np.round(self.regrets / TIE) * TIE
        ranks: FloatArray = rankdata(ties, axis=1).mean(axis=(0, 2))
        return ranks

    def scores(self, solved: float = TIE) -> FloatArray | None:
        """Return each searcher's 100 (1 - mean regret / that of BASELINE), the mean over problems.

        No problem counts for less than -100, and those on which the baseline's mean regret is at
        most `solved` are left out; None without a baseline.
        """
        if BASELINE not in self.searchers:
            return None
        means = self.regrets.mean(axis=2)
        by_chance = means[:, [self.searchers.index(BASELINE)]]
        is_open = by_chance[:, 0] > solved
        by_problem = 100 * (1 - means[is_open] / by_chance[is_open])
        scores: FloatArray = np.maximum(by_problem, -100).mean(axis=0)
        return scores

    def gaps(self, ours: str, rival: str) -> FloatArray:
        """Return our median regret less the rival's on each problem, 0 where they tie."""
        ours_at, rival_at = self.searchers.index(ours), self.searchers.index(rival)
        gaps = self.medians[:, ours_at] - self.medians[:, rival_at]
        return np.where(np.abs(gaps) <= TIE, 0.0, gaps)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold on which share of problems ours beats a rival, ties counting half, and what chance says.

    `p_value` is of Wilcoxon's signed-rank test, corrected over the rivals; `n_seeds` both played.
    """

    wins: float
    p_value: float
    n_seeds: int


def verdicts(
    played: Sequence[Played], ranges: Mapping[str, float], ours: str
) -> dict[str, Verdict]:
    """Return a verdict a rival, over the seeds that both have completed."""
    gaps, n_seeds = {}, {}
    for rival in sorted({p.searcher for p in played} - {ours}):
        both = [p for p in played if p.searcher in (ours, rival)]
        regrets = Regrets.of(both, ranges, JUDGED_AT)
        if regrets.n_seeds and ours in regrets.searchers:
            gaps[rival], n_seeds[rival] = regrets.gaps(ours, rival), regrets.n_seeds
    p_values = holm(np.array([_wilcoxon(each) for each in gaps.values()]))
    return {
        rival: Verdict(_wins(gaps[rival]), float(p_value), n_seeds[rival])
        for rival, p_value in zip(gaps, p_values, strict=True)
    }


def _wins(gaps: FloatArray) -> float:
    """Return the share of gaps below zero, zeros counting half."""
    return float(np.mean(np.where(gaps == 0, 0.5, gaps < 0)))


def regrets_by_budget(played: Sequence[Played], ranges: Mapping[str, float]) -> dict[int, Regrets]:
    """Return the regrets after each budget."""
    return {budget: Regrets.of(played, ranges, budget) for budget in BUDGETS}


def _wilcoxon(gaps: FloatArray) -> float:
    """Return the two-sided p-value, 1 where nothing differs."""
    return float(wilcoxon(gaps).pvalue) if gaps.any() else 1.0
