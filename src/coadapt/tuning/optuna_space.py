"""Write our parameters as Optuna's, and read what trials of an Optuna study drew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from coadapt.data.batches import FloatArray
from coadapt.domain.ranges import Between, Choice, OneOf
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space, Values

MOST_LEVELS: Final = 64
"""Where there are more, hardly two trials share a level, and levels would explain anything."""

Distributions = dict[str, BaseDistribution]

Levels: TypeAlias = tuple[int, ...]

LevelCondition: TypeAlias = tuple[str, Levels]
"""An earlier parameter, and the levels of it at which one occurs."""


class Drawn(NamedTuple):
    """Hold what a trial drew, and from what, by name."""

    params: Mapping[str, Any]
    distributions: Mapping[str, BaseDistribution]

    def has(self, name: str, distribution: BaseDistribution) -> bool:
        """Tell whether a parameter was drawn, and from this distribution."""
        return name in self.params and self.distributions.get(name) == distribution

    def is_within(self, name: str) -> bool:
        """Tell whether a value lies within its bounds: what a user enqueued may not."""
        bounds, value = self.distributions[name], self.params[name]
        if isinstance(bounds, FloatDistribution | IntDistribution):
            return bool(bounds.low <= value <= bounds.high)
        return True


@dataclass(frozen=True)
class OptunaSpace:
    """Hold distributions by name, and the same as parameters, which know choices by number.

    A parameter with a condition comes after the one that it names.
    """

    distributions: Distributions
    space: Space
    conditions: Mapping[str, LevelCondition]

    @classmethod
    def of(
        cls, distributions: Distributions, conditions: Mapping[str, LevelCondition] | None = None
    ) -> OptunaSpace:
        """Read distributions that leave something to search."""
        parameters = tuple(parameter_of(*each) for each in distributions.items())
        return cls(distributions, Space(parameters), conditions or {})

    def values_of(self, drawn: Drawn) -> dict[str, Choice] | None:
        """Return what a trial drew as our parameters hold it.

        None where a value that matters is missing, out of its bounds or was drawn from others.
        """
        values: dict[str, Choice] = {}
        for name in self._mattering(values):
            distribution = self.distributions[name]
            if not (drawn.has(name, distribution) and drawn.is_within(name)):
                return None
            values[name] = ours(distribution, drawn.params[name])
        return values

    def values_at(self, point: Sequence[float]) -> dict[str, Choice]:
        """Return the values at a point, of the parameters that matter there."""
        everything = self.space.values_at(point)
        values: dict[str, Choice] = {}
        for name in self._mattering(values):
            values[name] = everything[name]
        return values

    def points(self, trials: Sequence[Values]) -> FloatArray:
        """Return where values lie in the unit cube, shape (n, d), NaN for those not there."""
        shape = (len(trials), len(self.space))
        points = np.array([self.space.point_of(values) for values in trials])
        is_there = np.array([[name in values for name in self.space.names] for values in trials])
        return np.where(is_there.reshape(shape), points.reshape(shape), np.nan)

    def theirs(self, values: Values) -> dict[str, Any]:
        """Return our parameters' values as Optuna's user knows them."""
        return {name: _theirs(self.distributions[name], value) for name, value in values.items()}

    def _mattering(self, values: Values) -> Iterator[str]:
        """Yield what matters beside values, which are filled in meanwhile."""
        parameters = {each.name: each for each in self.space.parameters}
        for name in parameters:
            if name not in self.conditions:
                yield name
                continue
            parent, levels = self.conditions[name]
            if parent in values and level_of(parameters[parent], values[parent]) in levels:
                yield name


def search_space_of(trials: Sequence[Drawn]) -> Distributions:
    """Return by name what trials drew from, if it never varied and leaves something to search."""
    found: Distributions = {}
    varied: set[str] = set()
    for trial in trials:
        for name, each in trial.distributions.items():
            if found.setdefault(name, each) != each:
                varied.add(name)
    names = [name for name in sorted(found) if name not in varied]
    return {name: found[name] for name in names if not found[name].single()}


def distribution_of(parameter: Parameter) -> BaseDistribution:
    """Return a parameter as Optuna writes it."""
    bounds = parameter.range
    if isinstance(bounds, OneOf):
        return CategoricalDistribution(bounds.choices)
    if parameter.kind == "integer":
        step = int(bounds.step or 1)
        return IntDistribution(int(bounds.low), int(bounds.high), log=bounds.log, step=step)
    return FloatDistribution(bounds.low, bounds.high, log=bounds.log, step=bounds.step)


def parameter_of(name: str, distribution: BaseDistribution) -> Parameter:
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


def count_levels(parameter: Parameter) -> int:
    """Count the levels that something may hang on, 0 where there are none or too many."""
    n_values, bounds = parameter.n_values, parameter.range
    is_even = not (isinstance(bounds, Between) and bounds.log)
    return n_values if is_even and n_values is not None and n_values <= MOST_LEVELS else 0


def level_of(parameter: Parameter, value: Choice) -> int:
    """Return the level that a value is at, as the searcher counts them."""
    n_levels = count_levels(parameter)
    return min(int(parameter.to_unit(value) * n_levels), n_levels - 1)


def ours(distribution: BaseDistribution, value: Any) -> Any:
    """Return a value as our parameter holds it."""
    if isinstance(distribution, CategoricalDistribution):
        return int(distribution.to_internal_repr(value))
    return value


def _theirs(distribution: BaseDistribution, value: Any) -> Any:
    """Return our parameter's value as Optuna's user knows it."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.to_external_repr(float(value))
    return value
