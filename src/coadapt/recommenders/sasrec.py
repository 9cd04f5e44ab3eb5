"""SASRec: a causal transformer over the order of a history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from typing_extensions import override

from coadapt.data.dataset import Dataset
from coadapt.data.sequences import packed, padded, training_windows
from coadapt.domain.ranges import Between, OneOf
from coadapt.nn.attention import BlockShape, CausalBlock, causal_distance_bias
from coadapt.nn.dropout import ByteDropout
from coadapt.nn.precision import matmul_dtype
from coadapt.recommenders._sequence import (
    SequenceBatch,
    SequenceConfig,
    SequenceNetwork,
    SequenceRecommender,
)

__all__ = ["SASRec", "SASRecConfig"]


class SASRecConfig(SequenceConfig):
    """Hold SASRec's hyperparameters."""

    n_layers: Annotated[int, Field(ge=1), Between(1, 4)] = 2
    n_heads: Annotated[int, Field(ge=1), OneOf(1, 2, 4)] = 2
    hidden_factor: Annotated[int, Field(ge=1), Between(1, 4)] = 2

    @model_validator(mode="after")
    def _check_heads(self) -> Self:
        """Refuse heads that cannot share the embedding out evenly."""
        if self.embedding_dim % self.n_heads:
            raise ValueError("n_heads must divide embedding_dim")
        return self


class SASRec(SequenceRecommender[SASRecConfig]):
    """Attend to a history's earlier items to predict the next one.

    Kang & McAuley, "Self-Attentive Sequential Recommendation" (2018), with softmax over the
    catalogue as in Klenitskiy & Vasilev, "Turning Dross Into Gold Loss" (2023), and distances in
    place of positions. Windows of like length share a batch, with a loss at every place.
    """

    Config = SASRecConfig

    def build(self, n_items: int) -> SequenceNetwork:
        """Make a new network for a catalogue of this size."""
        return _Transformer(n_items, self.config)

    def batches(
        self, dataset: Dataset, rng: np.random.Generator
    ) -> Iterator[tuple[float, SequenceBatch]]:
        """Yield one epoch of windows in random order."""
        histories = dataset.histories()
        windows = training_windows(histories, self.config.max_length, rng)
        groups = list(packed(windows.lengths, self.config.max_tokens, rng.random(len(windows))))
        for n_done, index in enumerate(rng.permutation(len(groups)), start=1):
            group = groups[index]
            inputs, real = padded(histories.rows, windows, group, dataset.n_items)
            following, _ = padded(histories.rows, windows.shifted(1), group, dataset.n_items)
            batch = SequenceBatch(
                torch.from_numpy(inputs),
                torch.from_numpy(np.flatnonzero(real)),
                torch.from_numpy(following[real]),
            )
            yield n_done / len(groups), batch

    def loss(self, batch: SequenceBatch) -> Tensor:
        """Return the mean cross-entropy over the real places."""
        states = self.network.states(batch.inputs).flatten(0, 1)[batch.kept]
        return self.next_item_loss(states, batch.targets)


class _Transformer(SequenceNetwork):
    """Read item vectors by causal blocks that see how far away an event is, not where it stands."""

    def __init__(self, n_items: int, config: SASRecConfig) -> None:
        super().__init__(n_items, config.embedding_dim)
        shape = BlockShape(
            config.embedding_dim, config.n_heads, config.hidden_factor, config.dropout
        )
        self.n_heads = config.n_heads
        self.dropout = ByteDropout(config.embedding_dropout)
        self.blocks = nn.ModuleList(CausalBlock(shape) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(config.embedding_dim)
        self._bias = torch.empty(config.n_heads, 0, 0)

    def states(self, rows: Tensor) -> Tensor:
        """Map padded rows (batch, time) to states (batch, time, embedding_dim)."""
        tokens = self.dropout(self.items(rows))
        bias = self._bias_of(rows)
        # Answers are computed in float32: they must not depend on the processor.
        is_narrow = self.training and matmul_dtype() == torch.bfloat16
        with torch.autocast(rows.device.type, torch.bfloat16, enabled=is_narrow):
            for block in self.blocks:
                tokens = block(tokens, bias)
        states: Tensor = self.norm(tokens.float())
        return states

    @override
    def newest_states(self, rows: Tensor, lengths: Tensor) -> Tensor:
        """Return the newest states; the last block works for them alone."""
        tokens = self.items(rows)
        bias = self._bias_of(rows)
        *earlier, last = self.blocks
        assert isinstance(last, CausalBlock)
        for block in earlier:
            tokens = block(tokens, bias)
        states: Tensor = self.norm(last.newest(tokens, bias, lengths))
        return states

    def _bias_of(self, rows: Tensor) -> Tensor:
        """Return the distances' bias for padded rows; it is kept for the longest rows so far."""
        length = rows.shape[1]
        # Other threads may put a shorter one in its place meanwhile.
        bias = self._bias
        if bias.shape[1] < length or bias.device != rows.device:
            bias = self._bias = causal_distance_bias(self.n_heads, length, rows.device)
        return bias[:, :length, :length]
