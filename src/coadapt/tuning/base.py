"""State what a searcher does: propose a trial, then learn how it went."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from coadapt.domain.ranges import Choice
from coadapt.tuning.space import Space


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold what is tried: its number in the study, from 0, and the values that matter."""

    number: int
    values: Mapping[str, Choice]


class SearcherConfig(BaseModel):
    """Hold a searcher's own settings; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=SearcherConfig)


class Searcher(ABC, Generic[ConfigT]):
    """Look for the values of a space whose trials have the lowest value.

    Life cycle: `ask`, any number of `report`, `tell`; several trials may be under way. What `ask`
    gives depends on the seed and on what was asked, reported and told before, in that order, and on
    nothing else: a study is taken up again by repeating its calls. `Config` names the class of the
    searcher's settings.
    """

    Config: ClassVar[type[SearcherConfig]]

    def __init__(self, space: Space, config: ConfigT, seed: int = 0) -> None:
        self.space = space
        self.config = config
        self.seed = seed

    @abstractmethod
    def ask(self) -> Trial:
        """Propose the next trial; numbers count from 0.

        Raises ExhaustedError where every point there is has been proposed.
        """

    @abstractmethod
    def tell(
        self,
        trial: Trial,
        value: float | None,
        cost_s: float | None = None,
        *,
        is_stopped: bool = False,
    ) -> None:
        """Learn a trial's value, lower being better; None, NaN or infinite: it failed.

        `cost_s` is how long it took. With `is_stopped`, that was early, and the value is that of
        its last step; what was reported of it says when. A trial of the same space that this
        searcher never proposed is welcome too.
        """

    def report(self, trial: Trial, step: int, value: float) -> None:
        """Learn a value on the way, lower being better; a searcher need not listen."""

    def should_stop(self, trial: Trial) -> bool:  # noqa: ARG002  optional
        """Tell whether a trial under way is not worth its cost any more."""
        return False


def is_failed(value: float | None) -> bool:
    """Tell whether a value says that a trial failed."""
    return value is None or not math.isfinite(value)
