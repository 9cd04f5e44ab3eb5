"""State what a network method hands to a training strategy, which owns the loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from coadapt.data.dataset import Dataset
from coadapt.domain.ranges import Between


class OptimizerConfig(BaseModel):
    """Hold what every network's training needs, beside the method's own hyperparameters.

    The learning rate rises over `warmup_steps`, then falls along a cosine to
    `final_learning_rate_share` of itself at the end of `max_epochs`. Decay concerns matrices only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning_rate: Annotated[float, Field(gt=0), Between(1e-4, 3e-2, log=True)] = 8e-3
    final_learning_rate_share: Annotated[float, Field(gt=0, le=1), Between(1e-3, 1.0, log=True)] = (
        0.02
    )
    warmup_steps: Annotated[int, Field(ge=0), Between(0, 400, step=20)] = 100
    weight_decay: Annotated[float, Field(ge=0), Between(1e-5, 0.3, log=True)] = 0.01
    second_moment_decay: Annotated[float, Field(gt=0, lt=1), Between(0.9, 0.999)] = 0.98
    clip_norm: Annotated[float, Field(gt=0), Between(0.1, 10.0, log=True)] = 1.0
    max_epochs: Annotated[int, Field(ge=1)] = 10
    patience: Annotated[int, Field(ge=1)] = 5
    """Validations without an improvement before training stops and the best weights return."""


def ends_after(config: OptimizerConfig, epoch: int, n_stale: int) -> bool:
    """Tell whether training ends of itself after an epoch, counted from 1.

    `n_stale` counts the validations since the best one.
    """
    return epoch >= config.max_epochs or n_stale >= config.patience


class Trainable(Protocol):
    """Learn by gradient: `prepare` makes the network, then `batches` and `loss` feed the loop."""

    @property
    def config(self) -> Any:
        """Return a config that has OptimizerConfig's fields."""

    @property
    def network(self) -> nn.Module:
        """Return the network. Raises NotFittedError before `prepare`."""

    def prepare(self, dataset: Dataset, seed: int) -> None:
        """Make a freshly initialised network for a dataset."""

    def batches(
        self, dataset: Dataset, rng: np.random.Generator
    ) -> Iterator[tuple[float, tuple[Tensor, ...]]]:
        """Yield one epoch of batches, each with the share of the epoch done with it.

        A batch is a named tuple of tensors.
        """

    def loss(self, batch: Any) -> Tensor:
        """Return the mean loss of a batch, a scalar with a gradient."""
