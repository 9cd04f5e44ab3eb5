"""Give every problem one face: what may be searched, what a setting is worth, what the best is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, FloatDistribution

from coadapt.tuning.optuna_space import distribution_of
from tuning.problems import contest_problems
from tuning.replay import Replay
from tuning.tables import Losses, all_pairs, read_table
from tuning.turning import Problem


@dataclass(frozen=True, slots=True)
class Arena:
    """Hold a problem as searchers meet it; lower is better, NaN says that a setting fails."""

    name: str
    distributions: Mapping[str, BaseDistribution]
    evaluate: Callable[[Mapping[str, Any]], float]
    optimum: float
    range: float


@cache
def arena(name: str, folder: Path) -> Arena:
    """Return one arena by name; a process that plays many studies makes each once."""
    found = synthetic_arenas()
    return found[name] if name in found else real_arenas(folder)[name]


def synthetic_arenas() -> dict[str, Arena]:
    """Return the functions with known optima by name."""
    return {problem.name: _of_function(problem) for problem in contest_problems()}


def real_arenas(folder: Path) -> dict[str, Arena]:
    """Return the models whose tables are complete by name."""
    tables = [table for pair in all_pairs() if (table := read_table(pair, folder)) is not None]
    return {table.pair.name: _of_losses(table) for table in tables}


def _of_function(problem: Problem) -> Arena:
    """Return a function of points as an arena."""
    space = {
        f"x{axis}": FloatDistribution(float(low), float(high), log=problem.is_log)
        for axis, (low, high) in enumerate(problem.bounds)
    }

    def evaluate(values: Mapping[str, Any]) -> float:
        return float(problem.evaluate(np.array([values[name] for name in space])))

    return Arena(problem.name, space, evaluate, problem.optimum, problem.range)


def _of_losses(losses: Losses) -> Arena:
    """Return a table of losses as an arena that answers any setting by those near it."""
    space = losses.pair.space
    replay = Replay(space, losses.pair.settings(), losses.losses)
    distributions = {each.name: distribution_of(each) for each in space.parameters}

    def evaluate(values: Mapping[str, Any]) -> float:
        return float(replay.outcome(values))

    return Arena(losses.pair.name, distributions, evaluate, losses.optimum, losses.range)
