"""Read a sequence by a long short-term memory (Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from coadapt.domain.ranges import Between, OneOf
from mlboa.models.network import NetworkClassifier, NetworkConfig


class LSTMConfig(NetworkConfig):
    """Hold the shape of the memory; the defaults are the starting point of every tuning.

    The `readout` takes the state after the question, or also each cell's highest over all steps.
    """

    hidden_dim: Annotated[int, Field(ge=1), Between(8, 128, log=True)] = 50
    n_layers: Annotated[int, Field(ge=1), Between(1, 3)] = 2
    readout: Annotated[Literal["last", "last and highest"], OneOf("last", "last and highest")] = (
        "last"
    )


def lstm(config: LSTMConfig | None = None) -> NetworkClassifier:
    """Return a classifier by the last layer's state after the question."""
    shape = config or LSTMConfig()
    return NetworkClassifier(shape, lambda n_features: LSTMNetwork(n_features, shape))


class LSTMNetwork(nn.Module):
    """Return one logit a sequence."""

    def __init__(self, n_features: int, config: LSTMConfig) -> None:
        super().__init__()
        between = config.dropout if config.n_layers > 1 else 0.0
        self.memory = nn.LSTM(
            n_features, config.hidden_dim, config.n_layers, batch_first=True, dropout=between
        )
        self.dropout = nn.Dropout(config.dropout)
        self.sees_highest = config.readout != "last"
        self.output = nn.Linear(config.hidden_dim * (1 + self.sees_highest), 1)

    def forward(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Map (batch, time, features) to (batch,); what lies behind a length is not read."""
        packed = pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
        outputs, (states, _) = self.memory(packed)
        read = states[-1]
        if self.sees_highest:
            # Outputs lie between -1 and 1, so what fills up is never the highest.
            padded, _ = pad_packed_sequence(outputs, batch_first=True, padding_value=-1.0)
            read = torch.cat((read, padded.amax(dim=1)), dim=1)
        logits: Tensor = self.output(self.dropout(read)).squeeze(1)
        return logits
