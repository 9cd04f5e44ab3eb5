"""Read points of the unit cube as settings: level by level, category by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.tuning.space import UNUSED


class DimKind(NamedTuple):
    """Hold what a coordinate of the cube stands for.

    Integers and categories cut [0, 1] into `n_levels` equal cells. With a `parent`, an earlier
    coordinate, this one counts only while the parent's level is in `active_levels`.
    """

    kind: Literal["continuous", "integer", "categorical"] = "continuous"
    n_levels: int = 0
    parent: int | None = None
    active_levels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Observed:
    """Hold n finished trials in order, and m running ones.

    `points` has shape (n, d), NaN where inactive; `values` (n,), lower is better, NaN or infinite:
    the trial failed. `costs` (n,) are positive, NaN where unknown; `pending` has shape (m, d).
    """

    points: FloatArray
    values: FloatArray
    costs: FloatArray | None = None
    pending: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.values)


class Cube:
    """Know which coordinates are numbers, levels and categories, and which a surrogate reads."""

    def __init__(self, kinds: Sequence[DimKind]) -> None:
        self.kinds = tuple(kinds)
        self.n_dims = len(self.kinds)
        self.levels: IntArray = np.array(
            [0 if kind.kind == "continuous" else kind.n_levels for kind in self.kinds], np.int64
        )
        self.is_numeric: BoolArray = np.array([k.kind != "categorical" for k in self.kinds])
        self.is_continuous: BoolArray = self.levels == 0

    @property
    def n_features(self) -> int:
        """Return how many numbers the surrogate reads of a point."""
        return int(self.is_numeric.sum() + self.levels[~self.is_numeric].sum())

    @property
    def level_widths(self) -> FloatArray:
        """Return how far apart levels are, 0 where continuous."""
        return np.where(self.is_continuous, 0.0, 1 / self._cells)

    def snap(self, points: FloatArray) -> FloatArray:
        """Return the points at their cells' middles, inactive coordinates at one fixed place."""
        inside = np.clip(np.nan_to_num(points, nan=UNUSED), 0.0, 1.0)
        snapped = np.where(
            self.is_continuous, inside, (self._levels_of(inside) + 0.5) / self._cells
        )
        return np.where(self._is_active(snapped), snapped, UNUSED)

    def encode(self, snapped: FloatArray) -> FloatArray:
        """Return what the surrogate reads, shape (n, n_features): numbers first, then categories.

        Two categories are as far apart as the ends of a numeric coordinate.
        """
        columns = [snapped[:, self.is_numeric]]
        levels = self._levels_of(snapped)
        for dim in np.flatnonzero(~self.is_numeric):
            shares = np.eye(int(self.levels[dim]))[levels[:, dim]] / np.sqrt(2)
            columns.append(shares * self._is_active(snapped)[:, [dim]])
        return np.concatenate(columns, axis=1)

    @property
    def _cells(self) -> IntArray:
        return np.maximum(self.levels, 1)

    def _levels_of(self, points: FloatArray) -> IntArray:
        """Return each coordinate's level, 0 for continuous ones."""
        return np.minimum((points * self._cells).astype(np.int64), self._cells - 1)

    def _is_active(self, snapped: FloatArray) -> BoolArray:
        """Tell which coordinates count, given their parents."""
        is_active = np.ones(snapped.shape, bool)
        levels = self._levels_of(snapped)
        for dim, kind in enumerate(self.kinds):
            if kind.parent is not None:
                is_fit = np.isin(levels[:, kind.parent], kind.active_levels)
                is_active[:, dim] = is_fit & is_active[:, kind.parent]
        return is_active
