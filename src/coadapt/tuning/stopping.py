"""Stop trials early whose learning curves say that they will not be the best."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final, TypeAlias

from typing_extensions import override

Curve: TypeAlias = Mapping[int, float]
"""The value after each step, lower being better; steps count from 1."""


class StoppingRule(ABC):
    """Compare a trial under way with the others."""

    @abstractmethod
    def is_hopeless(self, curve: Curve, others: Iterable[Curve]) -> bool:
        """Tell whether a trial should stop after the newest step of its curve."""


@dataclass(frozen=True, slots=True)
class MedianRule(StoppingRule):
    """Stop when the best value so far is above the median of the others' means up to this step.

    Golovin et al., "Google Vizier" (2017).
    """

    min_trials: int = 5
    min_steps: int = 2

    @override
    def is_hopeless(self, curve: Curve, others: Iterable[Curve]) -> bool:
        step = max(curve)
        means = [
            fmean(value for at, value in other.items() if at <= step)
            for other in others
            if other and max(other) >= step
        ]
        if len(curve) < self.min_steps or len(means) < self.min_trials:
            return False
        return min(curve.values()) > median(means)


@dataclass(frozen=True, slots=True)
class HalvingRule(StoppingRule):
    """Let one in `reduction` pass each rung: `first_step`, and `reduction` times that, and so on.

    Asynchronous successive halving (Li et al. 2020): who comes first passes, since nobody is there
    to compare with.
    """

    reduction: int = 3
    first_step: int = 1

    @override
    def is_hopeless(self, curve: Curve, others: Iterable[Curve]) -> bool:
        step = max(curve)
        if not self._is_rung(step):
            return False
        n_better, n_there = 0, 1
        for other in others:
            if step in other:
                n_there += 1
                n_better += _best(other, step) < _best(curve, step)
        return n_better >= max(1, n_there // self.reduction)

    def _is_rung(self, step: int) -> bool:
        """Tell whether trials are compared after a step."""
        rung = self.first_step
        while rung < step:
            rung *= self.reduction
        return rung == step


def _best(curve: Curve, step: int) -> float:
    """Return the lowest value up to a step."""
    return min(value for at, value in curve.items() if at <= step)


RULES: Final[Mapping[str, StoppingRule | None]] = {
    "none": None,
    "median": MedianRule(),
    "asha": HalvingRule(),
}
"""Each rule by the name that a config calls it."""
