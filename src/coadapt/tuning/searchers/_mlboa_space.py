"""Tell the butterfly searcher what a space's coordinates stand for."""

from __future__ import annotations

import numpy as np

from coadapt.domain.ranges import Between
from coadapt.tuning._mlboa.config import MlboaConfig
from coadapt.tuning._mlboa.cube import DimKind
from coadapt.tuning._mlboa.searcher import Mlboa
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space


def mlboa_of(space: Space, config: MlboaConfig, seed: int) -> Mlboa:
    """Return the butterfly searcher of a space."""
    places = {parameter.name: place for place, parameter in enumerate(space.parameters)}
    kinds = [_kind(parameter, space, places) for parameter in space.parameters]
    return Mlboa(kinds, config, np.random.default_rng(seed))


def _kind(parameter: Parameter, space: Space, places: dict[str, int]) -> DimKind:
    """Return what one coordinate stands for, and when it counts.

    Integers by ratio have cells of unequal width: to the searcher they are a continuum.
    """
    n_levels = parameter.n_values
    kind = DimKind()
    if parameter.kind == "categorical" and n_levels is not None:
        kind = DimKind("categorical", n_levels)
    elif n_levels is not None and isinstance(parameter.range, Between) and not parameter.range.log:
        kind = DimKind("integer", n_levels)
    if parameter.when is None:
        return kind
    name, wanted = parameter.when
    parent = space.parameters[places[name]]
    n_parent = parent.n_values or 1
    level = min(int(parent.to_unit(wanted) * n_parent), n_parent - 1)
    return kind._replace(parent=places[name], active_levels=(level,))
