"""Answer for any setting by those of a table near it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.domain.ranges import OneOf
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space


class Replay:
    """Answer by the mean of the 2d + 2 nearest of the same names, weighted by 1 / distance³.

    Distances are in the unit cube of the numbers; choices between numbers are numbers by their
    rank. `outcomes` (n, ...) holds what each of n settings came to. A failed setting's
    neighbourhood fails.
    """

    def __init__(
        self, space: Space, settings: Sequence[Mapping[str, Any]], outcomes: FloatArray
    ) -> None:
        self._space = space
        self._outcomes = outcomes
        self._is_name = np.array([_is_of_names(each) for each in space.parameters])
        self._points = np.array([space.point_of(values) for values in settings])
        self._n_nearest = 2 * len(space) + 2

    def outcome(self, values: Mapping[str, Any]) -> FloatArray:
        """Return what a setting would have come to."""
        distances = self._distances(np.array(self._space.point_of(values)))
        nearest = np.argsort(distances, kind="stable")[: self._n_nearest]
        weights = 1 / np.maximum(distances[nearest], 1e-9) ** 3
        mean: FloatArray = np.average(self._outcomes[nearest], axis=0, weights=weights)
        return mean

    def _distances(self, point: FloatArray) -> FloatArray:
        """Return distances to the table's settings, infinite where a name differs."""
        gaps = self._points - point
        is_other = (np.abs(gaps[:, self._is_name]) > 1e-9).any(axis=1)
        distances: FloatArray = np.sqrt((gaps[:, ~self._is_name] ** 2).sum(axis=1))
        return np.where(is_other, np.inf, distances)


def _is_of_names(parameter: Parameter) -> bool:
    """Tell whether a parameter's values have no order."""
    choices = parameter.range.choices if isinstance(parameter.range, OneOf) else ()
    return any(isinstance(choice, str | bool) for choice in choices)
