"""State what a searcher does: propose a trial, then learn how it went."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from coadapt.tuning.space import Space
from coadapt.tuning.trials import Outcome, Trial


class SearcherConfig(BaseModel):
    """Hold a searcher's own settings; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=SearcherConfig)


class Searcher(ABC, Generic[ConfigT]):
    """Look for the values of a space whose trials have the lowest value.

    Life cycle: `ask`, `tell`; several trials may be under way. What `ask` gives depends on the seed
    and on what was asked and told before, in that order, and on nothing else: a study is taken up
    again by `repeat` and `tell`. `Config` names the class of the searcher's settings.
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

    def repeat(self, trial: Trial) -> None:  # noqa: ARG002  asking gives it again
        """Take note of a trial that `ask` gave before an interruption.

        What comes after must be what would have come had `ask` been called; so it is called here,
        unless a searcher knows of a cheaper way.
        """
        self.ask()

    @abstractmethod
    def tell(self, outcome: Outcome) -> None:
        """Learn how a trial went; one of the same space that was never proposed is welcome too."""
