"""State what every policy does: choose a slate and say how probable that choice was."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from coadapt.data.batches import FloatArray, Ranking, Scores, Situation
from coadapt.domain.resources import Resources
from coadapt.domain.slates import Feedback

Weights = Mapping[str, npt.NDArray[np.generic]]


class PolicyConfig(BaseModel):
    """Hold a policy's hyperparameters; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=PolicyConfig)


class Policy(ABC, Generic[ConfigT]):
    """Choose slates from scores that are handed in; a policy imports no recommender.

    `scores.values` has shape (n, n_candidates) and stands column for column beside
    `situation.candidate_rows`; -inf or NaN: never shown. Propensities are of the item at its place
    given the items above it, exactly.
    """

    Config: ClassVar[type[PolicyConfig]]

    def __init__(self, config: ConfigT) -> None:
        self.config = config

    @abstractmethod
    def choose(self, situation: Situation, scores: Scores, rng: np.random.Generator) -> Ranking:
        """Choose `situation.count` items a query without repetition."""

    @abstractmethod
    def log_propensity(self, situation: Situation, scores: Scores, ranking: Ranking) -> FloatArray:
        """Return the log-probability of each place of a slate given those above, shape (n, k).

        Empty places (row -1) are 0; an item that this policy could never put there is -inf.
        """

    def fit(self, log: object, resources: Resources) -> None:
        """Learn from a log of slates; nothing to do for a policy that does not learn."""

    def update(self, feedback: Sequence[Feedback]) -> None:
        """Learn from what shown items led to; nothing to do for a policy that does not learn."""

    def weights(self) -> Weights:
        """Return what was learned as arrays by name."""
        return {}

    def load_weights(self, weights: Weights) -> None:
        """Become what `weights()` of an equal config returned."""
