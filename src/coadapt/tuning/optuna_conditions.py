"""Read from the trials of an Optuna study which parameters hang on what others drew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optuna.distributions import BaseDistribution

from coadapt.domain.ranges import Choice
from coadapt.tuning.optuna_space import (
    Distributions,
    Drawn,
    LevelCondition,
    Levels,
    OptunaSpace,
    count_levels,
    level_of,
    ours,
    parameter_of,
)
from coadapt.tuning.parameters import Parameter


def spaces_of(distributions: Distributions, trials: Sequence[Drawn]) -> list[OptunaSpace]:
    """Return the spaces that whole trials drew from: a single one where all drew everything.

    The first holds what most trials drew and, on condition, what some of them did, where levels of
    another parameter tell which. What none explains is in spaces of its own.
    """
    sound = [trial for trial in trials if all(map(trial.is_within, trial.distributions))]
    left = {name: _Seen.of(name, each, sound) for name, each in distributions.items()}
    spaces: list[OptunaSpace] = []
    while left:
        found = _conditions(left)
        conditions = {name: each for name, each in found.items() if each is not None}
        spaces.append(OptunaSpace.of({name: distributions[name] for name in found}, conditions))
        left = {name: each for name, each in left.items() if name not in found}
    return spaces


@dataclass(frozen=True)
class _Seen:
    """Hold the values of a parameter by the row of the trial that drew them."""

    parameter: Parameter
    by_row: Mapping[int, Choice]

    @classmethod
    def of(cls, name: str, distribution: BaseDistribution, trials: Sequence[Drawn]) -> _Seen:
        """Gather the values that trials drew from a distribution."""
        by_row = {
            row: ours(distribution, trial.params[name])
            for row, trial in enumerate(trials)
            if trial.has(name, distribution)
        }
        return cls(parameter_of(name, distribution), by_row)

    def levels_with(self, other: _Seen) -> Levels:
        """Return at which levels trials drew another one as well, none where levels do not tell.

        Where levels have an order, it begins or ends at one of them.
        """
        if not other.by_row or not other.by_row.keys() <= self.by_row.keys():
            return ()
        levels = {row: level_of(self.parameter, value) for row, value in self.by_row.items()}
        with_it = {level for row, level in levels.items() if row in other.by_row}
        without = {level for row, level in levels.items() if row not in other.by_row}
        if self.parameter.kind == "categorical":
            return () if with_it & without else tuple(sorted(with_it))
        if max(without, default=-1) < min(with_it):
            return tuple(range(max(without, default=-1) + 1, count_levels(self.parameter)))
        return tuple(range(min(without))) if max(with_it) < min(without) else ()


def _conditions(left: Mapping[str, _Seen]) -> dict[str, LevelCondition | None]:
    """Return what most trials drew, then what hangs on that, what hangs on this, and so on."""
    most = max(left.values(), key=lambda each: len(each.by_row)).by_row.keys()
    newest: dict[str, LevelCondition | None] = {
        name: None for name, each in left.items() if each.by_row.keys() == most
    }
    found = newest.copy()
    while newest:
        parents = [left[name] for name in newest if count_levels(left[name].parameter)]
        rest = {name: each for name, each in left.items() if name not in found}
        hanging = {name: _condition(each, parents) for name, each in rest.items()}
        newest = {name: each for name, each in hanging.items() if each is not None}
        found |= newest
    return found


def _condition(seen: _Seen, parents: Sequence[_Seen]) -> LevelCondition | None:
    """Return what tells when a parameter occurs: of several, who needs the fewest levels for it."""
    for parent in sorted(parents, key=lambda each: count_levels(each.parameter)):
        if levels := parent.levels_with(seen):
            return parent.parameter.name, levels
    return None
