"""Begin a search with values that are known, such as those that a config has now."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from typing_extensions import override

from coadapt.domain.ranges import Choice
from coadapt.tuning.base import Searcher, SearcherConfig
from coadapt.tuning.space import Space, Values, matters
from coadapt.tuning.trials import Outcome, Trial


class BeginningWith(Searcher[SearcherConfig]):
    """Propose known values first, and let another searcher go on, which learns how they did.

    To that searcher the first trial is a foreign one, and all later numbers are one lower.
    """

    def __init__(self, first: Values, searcher: Searcher[Any]) -> None:
        super().__init__(searcher.space, searcher.config, searcher.seed)
        self._first = first
        self._searcher = searcher
        self._has_begun = False

    @override
    def ask(self) -> Trial:
        if not self._has_begun:
            self._has_begun = True
            return Trial(0, self._first)
        trial = self._searcher.ask()
        return Trial(trial.number + 1, trial.values)

    @override
    def tell(self, outcome: Outcome) -> None:
        # The searcher that goes on counts from its own first trial.
        theirs = Trial(outcome.trial.number - 1, outcome.trial.values)
        self._searcher.tell(replace(outcome, trial=theirs))


def own_values(config: BaseModel, space: Space) -> dict[str, Choice] | None:
    """Return what a config has of a space now, None where that lies outside of it."""
    own: dict[str, Choice] = {}
    for parameter in space.parameters:
        if matters(parameter, own):
            own[parameter.name] = getattr(config, parameter.name)
    try:
        found = space.values_at(space.point_of(own))
    except (ValueError, TypeError):
        return None
    is_there = all(_is_same(own[name], value) for name, value in found.items())
    return own if is_there else None


def _is_same(own: Any, found: Choice) -> bool:
    """Tell whether a value was found again; one beside a lattice is not."""
    if isinstance(own, float) and isinstance(found, float):
        return math.isclose(own, found, rel_tol=1e-9)
    return bool(own == found)
