"""Map one hyperparameter to the unit interval and back, evenly over what it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from coadapt.domain.ranges import Between, Choice, Condition, OneOf, Range

Kind: TypeAlias = Literal["float", "integer", "categorical"]

_DIGITS = 12
"""Decimals of a value on a lattice: what addition adds beyond them is an error of rounding."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """Hold a name and its range; `kind` says what its values are."""

    name: str
    kind: Kind
    range: Range

    @property
    def when(self) -> Condition | None:
        """Return what another parameter must be for this one to matter."""
        return self.range.when

    @property
    def n_values(self) -> int | None:
        """Count the values there are, None for a continuum."""
        if isinstance(self.range, OneOf):
            return len(self.range.choices)
        step = _step(self)
        return None if step is None else _n_steps(self.range, step)

    def from_unit(self, place: float) -> Choice:
        """Return the value at a place from 0 to 1; what lies outside counts as the nearer end."""
        place = min(max(place, 0.0), 1.0)
        if isinstance(self.range, OneOf):
            return self.range.choices[_cell(place, len(self.range.choices))]
        step = _step(self)
        if step is None:
            return _between(self.range.low, self.range.high, place, log=self.range.log)
        if self.range.log:
            whole = round(_between(self.range.low - 0.5, self.range.high + 0.5, place, log=True))
            return min(max(whole, int(self.range.low)), int(self.range.high))
        value = self.range.low + step * _cell(place, _n_steps(self.range, step))
        return round(value) if self.kind == "integer" else round(value, _DIGITS)

    def to_unit(self, value: Choice) -> float:
        """Return a place whose value this is. Raises ValueError for one that cannot be."""
        if isinstance(self.range, OneOf):
            return (_index(self.range.choices, value) + 0.5) / len(self.range.choices)
        number, step = float(value), _step(self)
        if not self.range.low <= number <= self.range.high:
            raise ValueError(f"{self.name} = {number:g} is out of range")
        if step is None:
            return _share(self.range.low, self.range.high, number, log=self.range.log)
        if self.range.log:
            return _share(self.range.low - 0.5, self.range.high + 0.5, number, log=True)
        return (round((number - self.range.low) / step) + 0.5) / _n_steps(self.range, step)

    def can_be(self, value: Choice) -> bool:
        """Tell whether a value is one of those there are."""
        found = self.found_again(value)
        return found is not None and (self.n_values is None or found == value)

    def found_again(self, value: Choice) -> Choice | None:
        """Return the value at a value's place, None where it has none in the range."""
        try:
            return self.from_unit(self.to_unit(value))
        except (ValueError, TypeError):
            return None

    def lattice(self, n_places: int) -> list[Choice]:
        """Return values spread over the range, its ends among them: all, or at most `n_places`.

        Choices have no order, so that none of them may be left out.
        """
        if isinstance(self.range, OneOf):
            return list(self.range.choices)
        step = _step(self)
        n_values = None if step is None else _n_steps(self.range, step)
        if step is not None and n_values is not None and n_values <= n_places:
            wholes = [self.range.low + step * index for index in range(n_values)]
            return [self.from_unit(self.to_unit(whole)) for whole in wholes]
        places = [index / max(n_places - 1, 1) for index in range(n_places)]
        return list(dict.fromkeys(self.from_unit(place) for place in places))


def _step(parameter: Parameter) -> float | None:
    """Return the distance of two values, None for a continuum."""
    if isinstance(parameter.range, OneOf):
        return None
    return parameter.range.step or (1.0 if parameter.kind == "integer" else None)


def _n_steps(bounds: Between, step: float) -> int:
    """Count the values on a lattice."""
    return math.floor((bounds.high - bounds.low) / step + 1e-9) + 1


def _cell(place: float, n_cells: int) -> int:
    """Return which of equal parts of the unit interval a place is in."""
    return min(int(place * n_cells), n_cells - 1)


def _between(low: float, high: float, place: float, *, log: bool) -> float:
    """Return what lies at a share of the way, or of the ratio, from low to high."""
    if place in (0, 1):
        return high if place else low
    if log:
        value = math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
    else:
        value = low + place * (high - low)
    return min(max(value, low), high)


def _share(low: float, high: float, number: float, *, log: bool) -> float:
    """Return how far from low to high a number lies."""
    if log:
        low, high, number = math.log(low), math.log(high), math.log(number)
    return (number - low) / (high - low)


def _index(choices: tuple[Choice, ...], value: Choice) -> int:
    """Return the place of a choice; True is not 1. Raises ValueError."""
    return list(map(repr, choices)).index(repr(value))
