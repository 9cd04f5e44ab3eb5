"""Let one searcher look for one problem's optimum, and note how near it came."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Final

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    RandomSampler,
    TPESampler,
)

from tuning.cells import BUDGETS, Cell, Played
from tuning.turning import Problem

ASKS_TIMED: Final = range(90, 110)

SAMPLERS: Final[dict[str, Callable[[int], BaseSampler]]] = {
    "random": lambda seed: RandomSampler(seed=seed),
    "genetic": lambda seed: NSGAIISampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "cma_es": lambda seed: CmaEsSampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed, deterministic_objective=True),
}


def play(problem: Problem, cell: Cell, make: Callable[[int], BaseSampler]) -> Played:
    """Return the regrets of one study of as many evaluations as the largest budget."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(sampler=make(cell.seed))
        space = _space(problem)
        values, cpu_s, asks_ms = [], 0.0, []
        for number in range(BUDGETS[-1]):
            began, began_cpu = time.perf_counter(), time.process_time()
            trial = study.ask(space)
            point = np.array([trial.params[name] for name in space])
            cpu_s += time.process_time() - began_cpu
            asked_ms = (time.perf_counter() - began) * 1e3
            value = float(problem.evaluate(point))
            began, began_cpu = time.perf_counter(), time.process_time()
            study.tell(trial, value)
            cpu_s += time.process_time() - began_cpu
            values.append(value)
            if number in ASKS_TIMED:
                asks_ms.append(asked_ms + (time.perf_counter() - began) * 1e3)
    best = np.minimum.accumulate(values) - problem.optimum
    regrets = [max(float(best[budget - 1]), 0.0) for budget in BUDGETS]
    return Played(cell.problem, cell.searcher, cell.seed, *regrets, cpu_s, float(np.mean(asks_ms)))


def _space(problem: Problem) -> dict[str, BaseDistribution]:
    """Return a problem's box as a searcher is told of it."""
    return {
        f"x{axis}": FloatDistribution(float(low), float(high), log=problem.is_log)
        for axis, (low, high) in enumerate(problem.bounds)
    }
