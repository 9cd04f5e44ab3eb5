"""State what every recommender does: score histories, not rows of a user table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from coadapt.data.batches import BoolArray, Histories, IntArray, Ranking, ScoreArray, Scores
from coadapt.data.dataset import Dataset
from coadapt.data.ranking import top_rows
from coadapt.domain.errors import NotFittedError
from coadapt.domain.resources import Resources

Weights = Mapping[str, npt.NDArray[np.generic]]


class RecommenderConfig(BaseModel):
    """Hold a method's hyperparameters; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=RecommenderConfig)


class Recommender(ABC, Generic[ConfigT]):
    """Score items for a history.

    An event of a moment ago, a new user and a session go through one call. Life cycle: construct
    with a config, then `fit` or `load_weights`, then score from any number of threads. User ids
    never enter a recommender. `Config` names the class of its hyperparameters.
    """

    Config: ClassVar[type[RecommenderConfig]]

    def __init__(self, config: ConfigT) -> None:
        self.config = config

    @abstractmethod
    def fit(self, dataset: Dataset, resources: Resources) -> None:
        """Learn from a dataset; the same dataset and seed give the same weights."""

    @abstractmethod
    def score(self, histories: Histories, candidates: IntArray | None = None) -> Scores:
        """Score candidates (item rows; None: the whole catalogue), shape (n, n_candidates).

        Rows of -1 in a history are skipped; an empty history gets the method's prior. Raises
        NotFittedError.
        """

    @abstractmethod
    def weights(self) -> Weights:
        """Return everything that was learned as arrays by name."""

    @abstractmethod
    def load_weights(self, weights: Weights) -> None:
        """Become what `weights()` of an equal config returned."""

    def item_vectors(self) -> ScoreArray | None:
        """Return one vector an item, shape (n_items, dim), where the method has them."""
        return None

    def top(
        self,
        histories: Histories,
        k: int,
        allowed: BoolArray | None = None,
        *,
        skip_seen: bool = True,
    ) -> Ranking:
        """Return each history's best k items, best first.

        Places that cannot be filled hold row -1. `allowed` masks item rows, shape (n_items,) or (n,
        n_items); `skip_seen` leaves out a history's own items.
        """
        scores = self.score(histories).values
        if skip_seen:
            seen = histories.known()
            users = np.repeat(np.arange(len(seen)), seen.lengths)
            scores[users, seen.rows] = -np.inf
        if allowed is not None:
            scores[~np.broadcast_to(allowed, scores.shape)] = -np.inf
        return top_rows(scores, k)

    def similar(self, rows: IntArray, k: int) -> Ranking:
        """Return the k items nearest to each given one, by cosine of the item vectors.

        A method without vectors answers as for a history of that item alone.
        """
        vectors = self.item_vectors()
        if vectors is None:
            return self.top(Histories.from_rows([rows[i : i + 1] for i in range(len(rows))]), k)
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        scores = unit[rows] @ unit.T
        scores[np.arange(len(rows)), rows] = -np.inf
        return top_rows(scores, k)

    def _not_fitted(self) -> NotFittedError:
        """Return the error of a recommender that has learned nothing yet."""
        name = type(self).__name__
        return NotFittedError(f"{name} has learned nothing yet: fit or load it first")
