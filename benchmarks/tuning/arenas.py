"""Give every problem one face: what may be searched, what a setting is worth, what the best is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, FloatDistribution

from coadapt.domain.ranges import OneOf
from coadapt.tuning.searchers._optuna import distribution_of
from coadapt.tuning.space import Space
from tuning.problems import contest_problems
from tuning.tables import Table, all_pairs, read_table
from tuning.turning import FloatArray, Problem


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
    return {table.pair.name: _of_table(table) for table in tables}


def _of_function(problem: Problem) -> Arena:
    """Return a function of points as an arena."""
    space = {
        f"x{axis}": FloatDistribution(float(low), float(high), log=problem.is_log)
        for axis, (low, high) in enumerate(problem.bounds)
    }

    def evaluate(values: Mapping[str, Any]) -> float:
        return float(problem.evaluate(np.array([values[name] for name in space])))

    return Arena(problem.name, space, evaluate, problem.optimum, problem.range)


def _of_table(table: Table) -> Arena:
    """Return a table as an arena that answers any setting by those of the table near it."""
    space = table.pair.space
    replay = Replay(space, table)
    distributions = {each.name: distribution_of(each) for each in space.parameters}
    return Arena(table.pair.name, distributions, replay.loss, table.optimum, table.range)


class Replay:
    """Answer a setting by the mean of the 2d + 2 nearest with the same choices, by 1 / distance³.

    Distances are in the unit cube of the numbers. A failed setting's neighbourhood fails.
    """

    def __init__(self, space: Space, table: Table) -> None:
        self._space = space
        self._losses = table.losses
        self._is_choice = np.array([isinstance(each.range, OneOf) for each in space.parameters])
        self._points = np.array([space.point_of(values) for values in table.pair.settings()])
        self._n_nearest = 2 * len(space) + 2

    def loss(self, values: Mapping[str, Any]) -> float:
        """Return what a setting is worth."""
        point = np.array(self._space.point_of(values))
        distances = self._distances(point)
        nearest = np.argsort(distances, kind="stable")[: self._n_nearest]
        weights = 1 / np.maximum(distances[nearest], 1e-9) ** 3
        return float(np.average(self._losses[nearest], weights=weights))

    def _distances(self, point: FloatArray) -> FloatArray:
        """Return distances to the table's settings, infinite where a choice differs."""
        gaps = self._points - point
        is_other = (np.abs(gaps[:, self._is_choice]) > 1e-9).any(axis=1)
        distances: FloatArray = np.sqrt((gaps[:, ~self._is_choice] ** 2).sum(axis=1))
        return np.where(is_other, np.inf, distances)
