"""Tell the butterfly searcher what a space's coordinates stand for, and read where it points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Protocol, TypeAlias

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.domain.ranges import Between, Choice
from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import DimKind
from coadapt.tuning._mlboa.proposer import Proposer
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space, Values

N_NUDGES: Final = 32
"""How often a point whose values were tried is nudged before it is tried again."""

Key: TypeAlias = tuple[tuple[str, Choice], ...]


class Readable(Protocol):
    """Say which values a point of the unit cube stands for."""

    def values_at(self, point: Sequence[float]) -> dict[str, Choice]:
        """Return the values at a point, of the parameters that matter there."""
        ...


def proposer_of(space: Space, config: MLBOAConfig, seed: int) -> Proposer:
    """Return the butterfly searcher of a space."""
    return Proposer(kinds_of(space), config, np.random.default_rng(seed))


def kinds_of(space: Space) -> list[DimKind]:
    """Return what the coordinates of a space stand for, and when they count."""
    places = {parameter.name: place for place, parameter in enumerate(space.parameters)}
    return [_kind(parameter, space, places) for parameter in space.parameters]


def _kind(parameter: Parameter, space: Space, places: dict[str, int]) -> DimKind:
    """Return what one coordinate stands for, and when it counts.

    Where it hangs on a number without levels, it counts always: the space drops it where it does
    not matter.
    """
    kind = _levels(parameter)
    if parameter.when is None:
        return kind
    name, wanted = parameter.when
    parent = space.parameters[places[name]]
    n_levels = _levels(parent).n_levels
    if n_levels == 0:
        return kind
    level = min(int(parent.to_unit(wanted) * n_levels), n_levels - 1)
    return kind._replace(parent=places[name], active_levels=(level,))


def _levels(parameter: Parameter) -> DimKind:
    """Return into which cells a coordinate is cut.

    Integers by ratio have cells of unequal width: to the searcher they are a continuum.
    """
    if parameter.n_values is None:
        return DimKind()
    if isinstance(parameter.range, Between):
        return DimKind() if parameter.range.log else DimKind("integer", parameter.n_values)
    return DimKind("categorical", parameter.n_values)


def key_of(values: Values) -> Key:
    """Return values as something that a set can hold."""
    return tuple(values.items())


def untried_values(
    space: Readable, point: FloatArray, tried: Collection[Key], rng: np.random.Generator
) -> dict[str, Choice]:
    """Return a point's values, or where those were tried some near it, or else anywhere.

    Different points may have the same values where a parameter is an integer by ratio.
    """
    values = space.values_at(point.tolist())
    for nudge in range(N_NUDGES):
        if key_of(values) not in tried:
            return values
        reach = (nudge + 1) / N_NUDGES
        nudged = np.clip(point + rng.normal(0, reach / 2, len(point)), 0, 1)
        is_near = nudge < N_NUDGES / 2
        values = space.values_at((nudged if is_near else rng.random(len(point))).tolist())
    return values
