"""Begin a search with values that are known, such as those that a config has now."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from typing_extensions import override

from coadapt.domain.ranges import Choice
from coadapt.tuning.base import Searcher, SearcherConfig
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space, Values, matters
from coadapt.tuning.trials import Outcome, Trial


class BeginningWith(Searcher[SearcherConfig]):
    """Propose known values first, and let another searcher go on, which learns how they did.

    To that searcher the first trial is a foreign one, and all later numbers are one lower. Where it
    proposes the same values while the first trial is under way, that trial is its own from then on.
    """

    def __init__(self, first: Values, searcher: Searcher[Any]) -> None:
        super().__init__(searcher.space, searcher.config, searcher.seed)
        self._first = Trial(0, first)
        self._searcher = searcher
        self._has_begun = False
        self._is_first_under_way = False
        self._twin: Trial | None = None

    @override
    def ask(self) -> Trial:
        if not self._has_begun:
            self._has_begun = self._is_first_under_way = True
            return self._first
        trial = self._searcher.ask()
        if self._is_first_again(trial):
            self._twin = trial
            trial = self._searcher.ask()
        return Trial(trial.number + self._n_ahead(trial.number), trial.values)

    @override
    def repeat(self, trial: Trial) -> None:
        # Only by asking does it come out whether the first values were proposed again.
        if not self._has_begun or self._is_first_under_way:
            self.ask()
        else:
            self._searcher.repeat(self._theirs(trial))

    @override
    def tell(self, outcome: Outcome) -> None:
        if outcome.trial.number == self._first.number:
            self._is_first_under_way = False
        self._searcher.tell(replace(outcome, trial=self._theirs(outcome.trial)))

    def _is_first_again(self, trial: Trial) -> bool:
        """Tell whether the other searcher proposes the first values, not knowing of them."""
        if not self._is_first_under_way or self._twin is not None:
            return False
        first = self._first.values
        return first.keys() == trial.values.keys() and all(
            _is_same(first[name], value) for name, value in trial.values.items()
        )

    def _theirs(self, trial: Trial) -> Trial:
        """Return a trial as the searcher that goes on knows it, which counts from its own first."""
        if trial.number == self._first.number and self._twin is not None:
            return self._twin
        return Trial(trial.number - self._n_ahead(trial.number - 1), trial.values)

    def _n_ahead(self, their_number: int) -> int:
        """Return how far our numbers are ahead: by the first trial, until it is theirs as well."""
        return 1 if self._twin is None or their_number < self._twin.number else 0


def own_values(config: BaseModel, space: Space) -> dict[str, Choice] | None:
    """Return what a config has of a space now, None where that lies outside of it."""
    return None if outside(config, space) else _own(config, space)


def outside(config: BaseModel, space: Space) -> list[str]:
    """Return the names of what a config has that a space does not."""
    own = _own(config, space)
    mattering = [each for each in space.parameters if each.name in own]
    return [each.name for each in mattering if not _holds(each, own[each.name])]


def _own(config: BaseModel, space: Space) -> dict[str, Any]:
    """Return what a config has of the parameters that matter beside one another."""
    own: dict[str, Any] = {}
    for parameter in space.parameters:
        if matters(parameter, own):
            own[parameter.name] = getattr(config, parameter.name)
    return own


def _holds(parameter: Parameter, value: Any) -> bool:
    """Tell whether a parameter has a value, but for an error of rounding."""
    found = parameter.found_again(value)
    return found is not None and _is_same(value, found)


def _is_same(own: Any, found: Choice) -> bool:
    """Tell whether a value was found again; one beside a lattice is not."""
    if isinstance(own, float) and isinstance(found, float):
        return math.isclose(own, found, rel_tol=1e-9)
    return bool(own == found)
