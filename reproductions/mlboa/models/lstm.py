"""Read a sequence by a long short-term memory (Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from coadapt.domain.ranges import Between, OneOf
from mlboa.features import Examples
from mlboa.models.network import Batch, NetworkClassifier, NetworkConfig


class LSTMConfig(NetworkConfig):
    """Hold the shape of the memory; the defaults are the starting point of every tuning.

    The `readout` takes the state after the question, or also each cell's highest over all steps.
    `word_vectors` stay as Word2Vec left them, or are trained on.
    """

    hidden_dim: Annotated[int, Field(ge=1), Between(8, 128, log=True)] = 50
    n_layers: Annotated[int, Field(ge=1), Between(1, 3)] = 2
    readout: Annotated[Literal["last", "last and highest"], OneOf("last", "last and highest")] = (
        "last"
    )
    word_vectors: Annotated[Literal["fixed", "trained"], OneOf("fixed", "trained")] = "fixed"


def lstm(config: LSTMConfig | None = None) -> NetworkClassifier:
    """Return a classifier by the last layer's state after the question."""
    shape = config or LSTMConfig()
    return NetworkClassifier(shape, lambda train: LSTMNetwork(train, shape))


class LSTMNetwork(nn.Module):
    """Return one logit a sequence."""

    def __init__(self, train: Examples, config: LSTMConfig) -> None:
        super().__init__()
        self.vectors: nn.EmbeddingBag | None = None
        if config.word_vectors == "trained":
            start = torch.from_numpy(train.vectors)
            self.vectors = nn.EmbeddingBag.from_pretrained(start, freeze=False, padding_idx=0)
        self.memory = nn.LSTM(
            train.features.shape[1],
            config.hidden_dim,
            config.n_layers,
            batch_first=True,
            dropout=config.dropout if config.n_layers > 1 else 0.0,
        )
        self.dropout = nn.Dropout(config.dropout)
        self.sees_highest = config.readout != "last"
        self.output = nn.Linear(config.hidden_dim * (1 + self.sees_highest), 1)

    def forward(self, batch: Batch) -> Tensor:
        """Return (batch,) logits."""
        packed = pack_padded_sequence(
            self._inputs(batch), batch.lengths, batch_first=True, enforce_sorted=False
        )
        outputs, (states, _) = self.memory(packed)
        read = states[-1]
        if self.sees_highest:
            # Outputs lie between -1 and 1, so what fills up is never the highest.
            padded, _ = pad_packed_sequence(outputs, batch_first=True, padding_value=-1.0)
            read = torch.cat((read, padded.amax(dim=1)), dim=1)
        logits: Tensor = self.output(self.dropout(read)).squeeze(1)
        return logits

    def _inputs(self, batch: Batch) -> Tensor:
        """Return features, the mean of the word vectors in training in place of the fixed ones."""
        if self.vectors is None:
            return batch.steps
        means = self.vectors(batch.words.flatten(0, 1)).unflatten(0, batch.words.shape[:2])
        return torch.cat((batch.steps[..., : -means.shape[2]], means), dim=2)
