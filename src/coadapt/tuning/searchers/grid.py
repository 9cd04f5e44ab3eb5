"""Try every point of a lattice, in an order that covers the space from the start."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from pydantic import Field
from typing_extensions import override

from coadapt.domain.errors import ExhaustedError
from coadapt.domain.ranges import Choice
from coadapt.tuning.base import Searcher, SearcherConfig
from coadapt.tuning.space import Space, matters
from coadapt.tuning.trials import Outcome, Trial

__all__ = ["Grid", "GridConfig"]


class GridConfig(SearcherConfig):
    """Hold how many values of a range are tried; choices are all tried.

    In `shuffled` order any number of trials is spread over the whole lattice; else the last
    parameter changes first.
    """

    n_places: Annotated[int, Field(ge=2)] = 5
    shuffled: bool = True


class Grid(Searcher[GridConfig]):
    """Visit each different point of the lattice once.

    The k-th visit is cell (a·k + b) mod n, with a coprime to n: a permutation that needs no memory.
    """

    Config = GridConfig

    def __init__(self, space: Space, config: GridConfig, seed: int = 0) -> None:
        super().__init__(space, config, seed)
        self._axes = [each.lattice(config.n_places) for each in space.parameters]
        self._n_cells = math.prod(map(len, self._axes))
        self._stride, self._start = _order(self._n_cells, seed) if config.shuffled else (1, 0)
        self._n_visited = 0
        self._n_asked = 0
        self._seen: set[tuple[tuple[str, Choice], ...]] = set()

    @override
    def ask(self) -> Trial:
        while self._n_visited < self._n_cells:
            values = self._values(self._n_visited)
            self._n_visited += 1
            key = tuple(values.items())
            if key not in self._seen:
                self._seen.add(key)
                self._n_asked += 1
                return Trial(self._n_asked - 1, values)
        raise ExhaustedError(f"the grid has {len(self._seen)} points, and all have been tried")

    @override
    def tell(self, outcome: Outcome) -> None:
        self._seen.add(tuple(outcome.trial.values.items()))

    def _values(self, visit: int) -> dict[str, Choice]:
        """Return the values of a visit; cells that differ only in what does not matter are one."""
        cell = (self._stride * visit + self._start) % self._n_cells
        chosen: list[Choice] = []
        for axis in reversed(self._axes):
            cell, place = divmod(cell, len(axis))
            chosen.append(axis[place])
        values: dict[str, Choice] = {}
        for parameter, value in zip(self.space.parameters, reversed(chosen), strict=True):
            if matters(parameter, values):
                values[parameter.name] = value
        return values


def _order(n_cells: int, seed: int) -> tuple[int, int]:
    """Draw a stride coprime to the number of cells, and a first cell."""
    # Grids of many parameters have more cells than an int64 can count.
    draws = np.random.default_rng(seed).integers(0, 2**31, size=8).tolist()
    number = sum(draw << (31 * place) for place, draw in enumerate(draws))
    stride = 1 + number % n_cells
    while math.gcd(stride, n_cells) != 1:
        stride += 1
    return stride, (number >> 7) % n_cells
