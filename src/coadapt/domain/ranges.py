"""Say where a hyperparameter is searched, beside the field that it annotates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from coadapt.domain.errors import ConfigError

Choice: TypeAlias = bool | int | float | str
Condition: TypeAlias = tuple[str, Choice]
"""Another field and the value that it must have for this one to matter."""

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Between:
    """Search from `low` to `high`, both included; `log` by ratio, `step` on a lattice from `low`.

    Raises ConfigError for bounds that leave nothing to search.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    when: Condition | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ConfigError("low and high must be finite numbers")
        if self.low > self.high:
            raise ConfigError(f"low ({self.low:g}) is above high ({self.high:g})")
        if self.low == self.high:
            raise ConfigError(f"low and high are both {self.low:g}: give the one value instead")
        if self.log and self.low <= 0:
            raise ConfigError(
                f"a log range must be above zero, and low is {self.low:g}; or say log = false"
            )
        self._check_step()

    def _check_step(self) -> None:
        """Refuse a step that a range cannot take."""
        if self.step is None:
            return
        if self.log:
            raise ConfigError("log and step exclude each other")
        if not 0 < self.step <= self.high - self.low:
            raise ConfigError(f"step ({self.step:g}) must be above zero and fit between the bounds")
        n_steps = (self.high - self.low) / self.step
        if abs(n_steps - round(n_steps)) > ROUNDING:
            raise ConfigError(f"high must lie a whole number of steps ({self.step:g}) above low")


@dataclass(frozen=True, init=False)
class OneOf:
    """Search among choices that have no order. Raises ConfigError for fewer than two."""

    choices: tuple[Choice, ...]
    when: Condition | None

    def __init__(self, *choices: Choice, when: Condition | None = None) -> None:
        if len(choices) < 2:
            raise ConfigError("a choice needs at least two values: give the one value instead")
        if len(set(map(repr, choices))) < len(choices):
            raise ConfigError("the same value is among the choices twice")
        if any(isinstance(each, float) and not math.isfinite(each) for each in choices):
            raise ConfigError("choices must be finite")
        object.__setattr__(self, "choices", choices)
        object.__setattr__(self, "when", when)


Range: TypeAlias = Between | OneOf
