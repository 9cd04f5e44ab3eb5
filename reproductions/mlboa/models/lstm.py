"""Read a sequence by a long short-term memory (Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence
from typing_extensions import override

from coadapt.domain.ranges import Between
from mlboa.models.network import NetworkClassifier, NetworkConfig


class LSTMConfig(NetworkConfig):
    """Hold the shape of the memory; the defaults are the starting point of every tuning."""

    hidden_dim: Annotated[int, Field(ge=1), Between(8, 128, log=True)] = 50
    n_layers: Annotated[int, Field(ge=1), Between(1, 3)] = 2
    weight_decay: Annotated[float, Field(ge=0), Between(1e-6, 1e-2, log=True)] = 0.0


class LSTM(NetworkClassifier):
    """Classify by the last layer's state after the question."""

    def __init__(self, config: LSTMConfig | None = None) -> None:
        super().__init__()
        self.config: LSTMConfig = config or LSTMConfig()

    @override
    def build(self, n_features: int) -> nn.Module:
        return LSTMNetwork(n_features, self.config)


class LSTMNetwork(nn.Module):
    """Return one logit a sequence."""

    def __init__(self, n_features: int, config: LSTMConfig) -> None:
        super().__init__()
        between = config.dropout if config.n_layers > 1 else 0.0
        self.memory = nn.LSTM(
            n_features, config.hidden_dim, config.n_layers, batch_first=True, dropout=between
        )
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.hidden_dim, 1)

    def forward(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Map (batch, time, features) to (batch,); what lies behind a length is not read."""
        packed = pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
        _, (states, _) = self.memory(packed)
        logits: Tensor = self.output(self.dropout(states[-1])).squeeze(1)
        return logits
