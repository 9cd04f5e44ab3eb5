"""Let one searcher look for one problem's optimum, and note how near it came."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import optuna
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    RandomSampler,
    TPESampler,
)
from optuna.trial import TrialState

from coadapt.tuning.sampler import MLBOASampler
from tuning.arenas import Arena
from tuning.cells import BUDGETS, Cell, Played

ASKS_TIMED: Final = range(90, 110)

SAMPLERS: Final[dict[str, Callable[[int], BaseSampler]]] = {
    "random": lambda seed: RandomSampler(seed=seed),
    "genetic": lambda seed: NSGAIISampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "cma_es": lambda seed: CmaEsSampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed, deterministic_objective=True),
    "mlboa": lambda seed: MLBOASampler(seed=seed),
}


def play(arena: Arena, cell: Cell, make: Callable[[int], BaseSampler]) -> Played:
    """Return the regrets of one study of as many evaluations as the largest budget."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(sampler=make(cell.seed))
        turns = [_turn(study, arena) for _ in range(BUDGETS[-1])]
    best = np.fmin.accumulate([turn.value for turn in turns]) - arena.optimum
    regrets = [max(float(best[budget - 1]), 0.0) for budget in BUDGETS]
    cpu_s = sum(turn.cpu_s for turn in turns)
    ask_ms = float(np.mean([turns[number].wall_s for number in ASKS_TIMED])) * 1e3
    figures = [*regrets, cpu_s, ask_ms]
    return Played(cell.problem, cell.searcher, cell.seed, *figures)


class Turn(NamedTuple):
    """Hold what a trial was worth, and what asking and telling took."""

    value: float
    cpu_s: float
    wall_s: float


def _turn(study: optuna.Study, arena: Arena) -> Turn:
    """Ask, evaluate and tell once."""
    began = Clock.now()
    trial = study.ask(dict(arena.distributions))
    asked = Clock.now()
    value = arena.evaluate(trial.params)
    evaluated = Clock.now()
    if math.isfinite(value):
        study.tell(trial, value)
    else:
        study.tell(trial, state=TrialState.FAIL)
    told = Clock.now()
    return Turn(
        value,
        asked.cpu_s - began.cpu_s + told.cpu_s - evaluated.cpu_s,
        asked.wall_s - began.wall_s + told.wall_s - evaluated.wall_s,
    )


class Clock(NamedTuple):
    """Hold an instant on the processor's clock and on the wall's."""

    cpu_s: float
    wall_s: float

    @classmethod
    def now(cls) -> Clock:
        """Read both."""
        return cls(time.process_time(), time.perf_counter())
