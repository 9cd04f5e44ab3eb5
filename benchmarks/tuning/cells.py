"""Keep what each searcher reached on each problem with each seed; no cell is played twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from contest.sheet import Sheet

BUDGETS: Final = (20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Cell:
    """Name one study."""

    problem: str
    searcher: str
    seed: int


@dataclass(frozen=True, slots=True)
class Played:
    """Hold a study's simple regrets after each of BUDGETS evaluations.

    `cpu_s` is the processor time of the searcher alone, `ask_ms` the mean wall time of an ask and a
    tell between the 90th and the 110th evaluation.
    """

    problem: str
    searcher: str
    seed: int
    regret_20: float
    regret_50: float
    regret_100: float
    regret_200: float
    cpu_s: float
    ask_ms: float

    @property
    def cell(self) -> Cell:
        """Return which study that was."""
        return Cell(self.problem, self.searcher, self.seed)

    def regret(self, budget: int) -> float:
        """Return the simple regret after one of BUDGETS."""
        found: float = getattr(self, f"regret_{budget}")
        return found


class Cells:
    """Hold played cells in a CSV file, each written to disk before the next is begun."""

    def __init__(self, path: Path) -> None:
        self._sheet = Sheet(path, [field.name for field in fields(Played)])

    def read(self) -> list[Played]:
        """Return what was played, in a fixed order; a line that a crash cut off is left out."""
        return sorted(map(_played, self._sheet.rows()), key=lambda each: astuple(each.cell))

    def missing(self, wanted: Iterable[Cell]) -> list[Cell]:
        """Return the cells that were not played yet."""
        known = {each.cell for each in self.read()}
        return [cell for cell in wanted if cell not in known]

    def add(self, played: Played) -> None:
        """Append one cell."""
        self._sheet.add(_row(played))

    def tidy(self) -> None:
        """Put the lines in a fixed order, so that a file that is kept changes where figures do."""
        everything = self.read()
        if everything:
            self._sheet.replace(map(_row, everything))


def _played(row: list[str]) -> Played:
    """Read one line."""
    problem, searcher, seed, *figures = row
    return Played(problem, searcher, int(seed), *(float(figure) for figure in figures))


def _row(played: Played) -> list[str]:
    """Return one line."""
    return [_shown(value) for value in astuple(played)]


def _shown(value: float | str) -> str:
    """Return a value as it is written: six digits are more than any figure bears."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def all_cells(problems: Iterable[str], searchers: Iterable[str], n_seeds: int) -> Iterator[Cell]:
    """Yield every cell, seed by seed, so that what is there at any time is comparable."""
    names = [*searchers]
    kinds = [*problems]
    for seed in range(n_seeds):
        for problem in kinds:
            for searcher in names:
                yield Cell(problem, searcher, seed)
