"""Hold the hyperparameters that are searched, as points of the unit cube."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from coadapt.domain.errors import ConfigError
from coadapt.domain.ranges import Choice
from coadapt.tuning.parameters import Parameter

Values: TypeAlias = Mapping[str, Choice]

UNUSED: Final = 0.5
"""Where a parameter that does not matter lies on its axis, for searchers of the cube as well."""


@dataclass(frozen=True)
class Space:
    """Hold parameters, each after the one that its condition names.

    A point has one coordinate from 0 to 1 for each; values hold only those that matter. Raises
    ConfigError for an empty space, a name twice, or a condition that nothing can meet.
    """

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        if not self.parameters:
            raise ConfigError("there is nothing to search: the space has no parameter")
        earlier: dict[str, Parameter] = {}
        for parameter in self.parameters:
            if parameter.name in earlier:
                raise ConfigError(f"{parameter.name} is in the space twice")
            _check_condition(parameter, earlier)
            earlier[parameter.name] = parameter

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def names(self) -> list[str]:
        """Return the names of the parameters in the order of a point's coordinates."""
        return [parameter.name for parameter in self.parameters]

    def values_at(self, point: Sequence[float]) -> dict[str, Choice]:
        """Return the values at a point, of the parameters that matter there."""
        values: dict[str, Choice] = {}
        for parameter, place in zip(self.parameters, point, strict=True):
            if matters(parameter, values):
                values[parameter.name] = parameter.from_unit(float(place))
        return values

    def point_of(self, values: Values) -> list[float]:
        """Return a point that has these values. Raises ValueError where there is none."""
        return [
            parameter.to_unit(values[parameter.name]) if parameter.name in values else UNUSED
            for parameter in self.parameters
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON: equal for equal spaces."""
        return {
            each.name: {"kind": each.kind, "range": repr(each.range)} for each in self.parameters
        }


def matters(parameter: Parameter, values: Values) -> bool:
    """Tell whether a parameter matters beside the values of those before it."""
    if parameter.when is None:
        return True
    name, wanted = parameter.when
    return name in values and values[name] == wanted


def _check_condition(parameter: Parameter, earlier: Mapping[str, Parameter]) -> None:
    """Refuse a condition on a parameter that comes later or cannot have the value."""
    if parameter.when is None:
        return
    name, wanted = parameter.when
    if name not in earlier:
        raise ConfigError(f"{parameter.name} depends on {name}, which is not searched before it")
    if not earlier[name].can_be(wanted):
        raise ConfigError(f"{parameter.name} needs {name} = {wanted!r}, which cannot be")
