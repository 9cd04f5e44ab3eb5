"""Replay a network's learning curves, so that who stops hopeless trials early is judged too."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import optuna
from mlboa.space import SPACE, draw_settings, values_of
from mlboa.table import N_EPOCHS, CurveTable
from optuna.distributions import BaseDistribution
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    SuccessiveHalvingPruner,
)
from optuna.trial import TrialState

from coadapt.data.batches import FloatArray
from coadapt.tuning.optuna_space import distribution_of
from tuning.curve_cells import CURVE_BUDGETS, Budget, Replayed
from tuning.playing import SAMPLERS
from tuning.replay import Replay

N_SETTINGS: Final = 256
MOST_TRIALS: Final = 1_000

PRUNERS: Final[dict[str, Callable[[], BasePruner]]] = {
    "none": NopPruner,
    "median": lambda: MedianPruner(n_startup_trials=5, n_warmup_steps=1),
    "asha": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "hyperband": lambda: HyperbandPruner(1, N_EPOCHS, reduction_factor=3),
}
PLAYERS: Final[dict[str, tuple[str, str]]] = {
    **{name: (name, "none") for name in SAMPLERS},
    "random + asha": ("random", "asha"),
    "random + hyperband": ("random", "hyperband"),
    "tpe + asha": ("tpe", "asha"),
    "tpe + hyperband": ("tpe", "hyperband"),
    "tpe + median": ("tpe", "median"),
    "mlboa + asha": ("mlboa", "asha"),
    "mlboa + median": ("mlboa", "median"),
}
"""Each player's sampler, and what stops its trials."""


@dataclass(frozen=True, slots=True)
class CurveArena:
    """Hold a task whose settings are trained epoch by epoch.

    `curve` tells a setting's loss, the least so far, and the seconds since its start after each
    epoch, shape (2, N_EPOCHS). `typical_s` is what a whole training takes.
    """

    distributions: Mapping[str, BaseDistribution]
    curve: Callable[[Mapping[str, Any]], FloatArray]
    optimum: float
    range: float
    typical_s: float

    def price(self, budget: Budget) -> float:
        """Return a budget in epochs or in seconds of typical trainings."""
        return budget.n_trainings * (N_EPOCHS if budget.unit == "epochs" else self.typical_s)


class Moment(NamedTuple):
    """Hold what a study has spent when it learns of a loss."""

    epochs: float
    seconds: float
    loss: float


@cache
def curve_arena(path: Path) -> CurveArena | None:
    """Return the task of a table of curves, None while settings are missing.

    Raises DataError, also where the table is of other settings than are drawn.
    """
    table, settings = CurveTable(path, N_EPOCHS), draw_settings(N_SETTINGS)
    table.check(settings)
    curves = table.curves()
    if len(curves) < N_SETTINGS:
        return None
    ordered = [curves[number] for number in range(N_SETTINGS)]
    losses = np.array([1.0 - np.maximum.accumulate(each.accuracies) for each in ordered])
    seconds = np.array([each.seconds for each in ordered])
    outcomes = np.stack((losses, seconds), axis=1)
    replay = Replay(SPACE, [values_of(each) for each in settings], outcomes)
    final = losses[:, -1]
    return CurveArena(
        distributions={each.name: distribution_of(each) for each in SPACE.parameters},
        curve=replay.outcome,
        optimum=float(final.min()),
        range=float(np.median(final) - final.min()),
        typical_s=float(seconds[:, -1].mean()),
    )


def play_curves(arena: CurveArena, player: str, seed: int) -> Replayed:
    """Play one study until every budget is spent.

    The loss that a trial has on its way counts from then on, for everybody.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler, pruner = PLAYERS[player]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(sampler=SAMPLERS[sampler](seed), pruner=PRUNERS[pruner]())
        moments = [*_moments(study, arena)]
    losses = np.minimum.accumulate([moment.loss for moment in moments])
    regrets = {}
    for budget in CURVE_BUDGETS:
        spent = [getattr(moment, budget.unit) for moment in moments]
        n_seen = int(np.searchsorted(spent, arena.price(budget) * (1 + 1e-9), side="right"))
        best = losses[n_seen - 1] if n_seen else arena.optimum + arena.range
        regrets[budget] = max(float(best) - arena.optimum, 0.0) / arena.range
    return Replayed(player, seed, regrets)


def _moments(study: optuna.Study, arena: CurveArena) -> Iterator[Moment]:
    """Yield every epoch of a study, until all budgets are spent."""
    before = Moment(0.0, 0.0, 0.0)
    for _ in range(MOST_TRIALS):
        trial = study.ask(dict(arena.distributions))
        losses, seconds = arena.curve(trial.params)
        last = N_EPOCHS
        for epoch in range(1, N_EPOCHS + 1):
            loss, second = float(losses[epoch - 1]), float(seconds[epoch - 1])
            yield Moment(before.epochs + epoch, before.seconds + second, loss)
            trial.report(loss, epoch)
            if trial.should_prune():
                last = epoch
                break
        before = Moment(before.epochs + last, before.seconds + float(seconds[last - 1]), 0.0)
        if last < N_EPOCHS:
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, float(losses[-1]))
        if all(getattr(before, budget.unit) >= arena.price(budget) for budget in CURVE_BUDGETS):
            return
    raise RuntimeError(f"{MOST_TRIALS} trials did not spend every budget")
