"""GRU4Rec: a recurrent network over the order of a history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from coadapt.data.dataset import Dataset
from coadapt.data.lanes import lane_windows
from coadapt.domain.ranges import Between
from coadapt.nn.dropout import ByteDropout
from coadapt.nn.precision import matmul_dtype
from coadapt.nn.recurrence import GatedRecurrence, narrow_linear
from coadapt.recommenders._sequence import SequenceConfig, SequenceNetwork, SequenceRecommender

__all__ = ["GRU4Rec", "GRU4RecConfig"]


class GRU4RecConfig(SequenceConfig):
    """Hold GRU4Rec's hyperparameters; a training batch has `n_lanes` x `n_steps` events."""

    embedding_dim: Annotated[int, Field(ge=1), Between(32, 256, step=32)] = 256
    hidden_dim: Annotated[int, Field(ge=1), Between(32, 512, log=True)] = 256
    max_length: Annotated[int, Field(ge=1), Between(50, 400, log=True)] = 400
    dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.6)] = 0.2
    embedding_dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.6)] = 0.2
    n_lanes: Annotated[int, Field(ge=1), Between(8, 128, log=True)] = 64
    n_steps: Annotated[int, Field(ge=1), Between(8, 128, log=True)] = 64


class LaneBatch(NamedTuple):
    """Hold a window of lanes, each (time, lane); `is_first`: no state is carried in."""

    rows: Tensor
    following: Tensor
    keep: Tensor
    is_first: Tensor


class GRU4Rec(SequenceRecommender[GRU4RecConfig]):
    """Carry a state through a history to predict the next item.

    Hidasi et al., "Session-based Recommendations with Recurrent Neural Networks" (2016), with
    softmax over the catalogue. Batches must come in order: `loss` carries each lane's state on.
    """

    Config = GRU4RecConfig

    def build(self, n_items: int) -> SequenceNetwork:
        """Make a new network for a catalogue of this size."""
        return _Recurrent(n_items, self.config)

    def batches(
        self, dataset: Dataset, rng: np.random.Generator
    ) -> Iterator[tuple[float, LaneBatch]]:
        """Yield one epoch of windows over parallel lanes, in order."""
        shape = (self.config.n_lanes, self.config.n_steps)
        for window in lane_windows(dataset.histories(), *shape, rng):
            batch = LaneBatch(
                torch.from_numpy(window.rows),
                torch.from_numpy(window.following),
                torch.from_numpy(window.keep),
                torch.tensor(window.is_first),
            )
            yield window.share_done, batch

    def loss(self, batch: LaneBatch) -> Tensor:
        """Return the mean cross-entropy over all steps of a window."""
        network = self.network
        assert isinstance(network, _Recurrent)
        carried = None if batch.is_first else network.carried
        states, hidden = network.walk(batch.rows, batch.keep, carried)
        network.carried = hidden[-1].detach()
        return self.next_item_loss(states.flatten(0, 1), batch.following.flatten())


class _Recurrent(SequenceNetwork):
    """Fold item vectors into a hidden state and project it back onto item vectors."""

    def __init__(self, n_items: int, config: GRU4RecConfig) -> None:
        super().__init__(n_items, config.embedding_dim)
        self.input_dropout = ByteDropout(config.embedding_dropout)
        self.recurrence = GatedRecurrence(config.embedding_dim, config.hidden_dim)
        self.projection = nn.Linear(config.hidden_dim, config.embedding_dim)
        self.norm = nn.LayerNorm(config.embedding_dim)
        self.output_dropout = ByteDropout(config.dropout)
        self.carried: Tensor | None = None

    def states(self, rows: Tensor) -> Tensor:
        """Map padded rows (batch, time) to states (batch, time, embedding_dim)."""
        hidden = self.recurrence.fold(self.items(rows.T))
        states: Tensor = self.norm(self.projection(hidden))
        return states.transpose(0, 1)

    def walk(self, rows: Tensor, keep: Tensor, carried: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return projected states (time, lane, embedding_dim) and hidden ones, with gradients."""
        dtype = matmul_dtype()
        inputs = self.input_dropout(self.items(rows))
        if carried is None:
            carried = inputs.new_zeros(rows.shape[1], self.recurrence.hidden_dim)
        hidden = self.recurrence(inputs, carried, keep, dtype)
        states = self.norm(narrow_linear(hidden, self.projection, dtype))
        return self.output_dropout(states), hidden
