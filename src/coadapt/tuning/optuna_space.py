"""Write our parameters as Optuna's, and read what trials of an Optuna study have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial

from coadapt.data.batches import FloatArray
from coadapt.domain.ranges import Between, Choice, OneOf
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space, Values

Distributions = dict[str, BaseDistribution]


@dataclass(frozen=True)
class OptunaSpace:
    """Hold distributions by name, and the same as parameters, which know choices by number."""

    distributions: Distributions
    space: Space

    @classmethod
    def of(cls, distributions: Distributions) -> OptunaSpace:
        """Read distributions that leave something to search."""
        return cls(distributions, Space(tuple(_parameter(*each) for each in distributions.items())))

    def holds(self, trial: FrozenTrial) -> bool:
        """Tell whether a trial drew everything from the same distributions."""
        return self.distributions.items() <= trial.distributions.items()

    def points(self, trials: Sequence[FrozenTrial]) -> FloatArray:
        """Return where trials lie in the unit cube, shape (n, d)."""
        points = [self.space.point_of(self.values_of(trial)) for trial in trials]
        return np.array(points).reshape(len(trials), len(self.space))

    def values_of(self, trial: FrozenTrial) -> dict[str, Choice]:
        """Return a trial's values as our parameters hold them."""
        return {name: _ours(each, trial.params[name]) for name, each in self.distributions.items()}

    def theirs(self, values: Values) -> dict[str, Any]:
        """Return our parameters' values as Optuna's user knows them."""
        return {name: _theirs(self.distributions[name], value) for name, value in values.items()}


def distribution_of(parameter: Parameter) -> BaseDistribution:
    """Return a parameter as Optuna writes it."""
    bounds = parameter.range
    if isinstance(bounds, OneOf):
        return CategoricalDistribution(bounds.choices)
    if parameter.kind == "integer":
        step = int(bounds.step or 1)
        return IntDistribution(int(bounds.low), int(bounds.high), log=bounds.log, step=step)
    return FloatDistribution(bounds.low, bounds.high, log=bounds.log, step=bounds.step)


def _parameter(name: str, distribution: BaseDistribution) -> Parameter:
    """Return a distribution as a parameter; choices are known by their number."""
    if isinstance(distribution, CategoricalDistribution):
        return Parameter(name, "categorical", OneOf(*range(len(distribution.choices))))
    if isinstance(distribution, IntDistribution):
        step = None if distribution.log else float(distribution.step)
        bounds = Between(distribution.low, distribution.high, log=distribution.log, step=step)
        return Parameter(name, "integer", bounds)
    assert isinstance(distribution, FloatDistribution)
    low, high = distribution.low, distribution.high
    return Parameter(
        name, "float", Between(low, high, log=distribution.log, step=distribution.step)
    )


def _ours(distribution: BaseDistribution, value: Any) -> Any:
    """Return a value as our parameter holds it."""
    if isinstance(distribution, CategoricalDistribution):
        return int(distribution.to_internal_repr(value))
    return value


def _theirs(distribution: BaseDistribution, value: Any) -> Any:
    """Return our parameter's value as Optuna's user knows it."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.to_external_repr(float(value))
    return value
