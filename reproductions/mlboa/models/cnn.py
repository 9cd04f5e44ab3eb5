"""Read a sequence by convolutions over time (Kim 2014)."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from coadapt.domain.ranges import Between
from mlboa.models.network import Batch, NetworkClassifier, NetworkConfig


class CNNConfig(NetworkConfig):
    """Hold the shape of the filters."""

    n_channels: Annotated[int, Field(ge=1), Between(8, 128, log=True)] = 50
    width: Annotated[int, Field(ge=1), Between(2, 5)] = 3


def cnn(config: CNNConfig | None = None) -> NetworkClassifier:
    """Return a classifier by the highest answer of each filter over time, and the question."""
    shape = config or CNNConfig()
    return NetworkClassifier(shape, lambda train: CNNNetwork(train.features.shape[1], shape))


class CNNNetwork(nn.Module):
    """Return one logit a sequence."""

    def __init__(self, n_features: int, config: CNNConfig) -> None:
        super().__init__()
        self.filters = nn.Conv1d(n_features, config.n_channels, config.width, padding="same")
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.n_channels + n_features, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Return (batch,) logits."""
        steps, lengths = batch.steps, batch.lengths
        answers = self.filters(steps.transpose(1, 2)).relu()
        is_behind = torch.arange(steps.shape[1]) >= lengths[:, None]
        highest = answers.masked_fill(is_behind[:, None], 0.0).amax(dim=2)
        asked = steps[torch.arange(len(steps)), lengths - 1]
        logits: Tensor = self.output(self.dropout(torch.cat((highest, asked), dim=1))).squeeze(1)
        return logits
