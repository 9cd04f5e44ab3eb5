"""Keep what each player reached on the learning curves, and judge it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
from contest.rows import Occasion, Row
from contest.sheet import Sheet

from tuning.judging import Regrets

TASK: Final = "LSTM task, learning curves"

CurveCell = tuple[str, int]


class Budget(NamedTuple):
    """Hold how much may be spent: what so many whole trainings cost in epochs or seconds."""

    n_trainings: int
    unit: Literal["epochs", "seconds"]

    @property
    def name(self) -> str:
        """Return the budget in words."""
        return f"{self.unit} of {self.n_trainings} trainings"


CURVE_BUDGETS: Final = tuple(
    Budget(n_trainings, unit) for unit in ("epochs", "seconds") for n_trainings in (20, 30, 50, 100)
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """Hold what one study reached: the simple regret, over the range, at each of CURVE_BUDGETS."""

    player: str
    seed: int
    regrets: Mapping[Budget, float]


class CurveCells:
    """Hold played studies in a CSV file, each written to disk before the next is begun."""

    def __init__(self, path: Path) -> None:
        figures = [f"{budget.unit}_{budget.n_trainings}" for budget in CURVE_BUDGETS]
        self._sheet = Sheet(path, ["player", "seed", *figures])

    def read(self) -> list[Replayed]:
        """Return what was played, sorted by player and seed."""
        found = map(_replayed, self._sheet.rows())
        return sorted(found, key=lambda each: (each.player, each.seed))

    def missing(self, players: Iterable[str], n_seeds: int) -> list[CurveCell]:
        """Return the players and seeds that were not played yet, seed by seed."""
        known = {(each.player, each.seed) for each in self.read()}
        names = [*players]
        wanted = [(player, seed) for seed in range(n_seeds) for player in names]
        return [cell for cell in wanted if cell not in known]

    def add(self, replayed: Replayed) -> None:
        """Append one study."""
        figures = [f"{replayed.regrets[budget]:.6g}" for budget in CURVE_BUDGETS]
        self._sheet.add([replayed.player, str(replayed.seed), *figures])


def _replayed(row: list[str]) -> Replayed:
    """Read one line."""
    player, seed, *figures = row
    return Replayed(player, int(seed), dict(zip(CURVE_BUDGETS, map(float, figures), strict=True)))


def curve_rows(occasion: Occasion, played: Sequence[Replayed]) -> Iterator[Row]:
    """Yield each player's median regret and mean rank at each budget.

    Only seeds that every player has played count.
    """
    found = {(each.player, each.seed): each for each in played}
    players = sorted({each.player for each in played})
    seeds = sorted({each.seed for each in played})
    seeds = [seed for seed in seeds if all((player, seed) in found for player in players)]
    if not seeds:
        return
    for budget in CURVE_BUDGETS:
        regrets = np.array(
            [[found[player, seed].regrets[budget] for seed in seeds] for player in players]
        )
        ranks = Regrets((TASK,), tuple(players), regrets[np.newaxis]).ranks()
        quartiles = np.percentile(regrets, (25, 50, 75), axis=1).T
        for player, rank, (low, median, high) in zip(players, ranks, quartiles, strict=True):
            facts = {
                "dataset": TASK,
                "method": player,
                "protocol": f"seeds: {len(seeds)}; regret over the range of whole trainings",
                "budget": budget.name,
            }
            yield occasion.row(
                f"median regret, {budget.name}", median, **facts, low=float(low), high=float(high)
            )
            yield occasion.row(f"mean rank, {budget.name}", float(rank), **facts)
