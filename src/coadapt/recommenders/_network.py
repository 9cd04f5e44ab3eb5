"""State what a recommender that is a network adds: batches and a loss; the loop is handed in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, Generic, TypeVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from coadapt.data.dataset import Dataset
from coadapt.domain.errors import NotFittedError
from coadapt.domain.resources import Resources
from coadapt.recommenders.base import Recommender, RecommenderConfig, Weights


class NetworkConfig(RecommenderConfig):
    """Hold what every network's training needs, beside the method's own hyperparameters.

    The learning rate rises over `warmup_steps`, then falls along a cosine to
    `final_learning_rate_share` of itself at the end of `max_epochs`. Decay concerns matrices only.
    """

    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    final_learning_rate_share: Annotated[float, Field(gt=0, le=1)] = 0.02
    warmup_steps: Annotated[int, Field(ge=0)] = 200
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    second_moment_decay: Annotated[float, Field(gt=0, lt=1)] = 0.98
    clip_norm: Annotated[float, Field(gt=0)] = 1.0
    max_epochs: Annotated[int, Field(ge=1)] = 20
    patience: Annotated[int, Field(ge=1)] = 5
    """Validations without an improvement before training stops and the best weights return."""


NetworkConfigT = TypeVar("NetworkConfigT", bound=NetworkConfig)
BatchT = TypeVar("BatchT")


class NetworkRecommender(Recommender[NetworkConfigT], Generic[NetworkConfigT, BatchT]):
    """Learn by gradient: a strategy of `training/strategies` owns the loop and calls these parts.

    `prepare(dataset)` makes the network for a dataset; then `batches` and `loss` feed the loop.
    """

    def __init__(self, config: NetworkConfigT) -> None:
        super().__init__(config)
        self._network: nn.Module | None = None

    @abstractmethod
    def build(self, n_items: int) -> nn.Module:
        """Make a new network for a catalogue of this size."""

    @abstractmethod
    def batches(self, dataset: Dataset, rng: np.random.Generator) -> Iterator[tuple[float, BatchT]]:
        """Yield one epoch of training batches, each with the share of the epoch done with it.

        A batch is a named tuple of tensors.
        """

    @abstractmethod
    def loss(self, batch: BatchT) -> Tensor:
        """Return the mean loss of a batch, a scalar with a gradient."""

    @property
    def network(self) -> nn.Module:
        """Return the network. Raises NotFittedError before `prepare` or `load_weights`."""
        if self._network is None:
            raise NotFittedError(f"{type(self).__name__} has not been fitted or loaded")
        return self._network

    def prepare(self, dataset: Dataset, seed: int) -> None:
        """Make a freshly initialised network for a dataset."""
        torch.manual_seed(seed)
        self._network = self.build(dataset.n_items)

    def fit(self, dataset: Dataset, resources: Resources) -> None:
        """Refuse: a network is fitted by a strategy, which owns the loop."""
        raise NotImplementedError("train a network through coadapt.training.strategies")

    def weights(self) -> Weights:
        """Return the network's parameters and buffers as arrays by name."""
        return {name: t.detach().cpu().numpy() for name, t in self.network.state_dict().items()}

    def load_weights(self, weights: Weights) -> None:
        """Build the network for the stored catalogue size and fill it."""
        self._network = self.build(self.n_items_of(weights))
        tensors: Mapping[str, Tensor] = {
            name: torch.from_numpy(np.array(array)) for name, array in weights.items()
        }
        self._network.load_state_dict(tensors)
        self._network.eval()

    @staticmethod
    @abstractmethod
    def n_items_of(weights: Weights) -> int:
        """Read the catalogue's size off stored weights."""
