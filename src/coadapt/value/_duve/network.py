"""Join encoder and heads: one member of the model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.context import N_CONTEXT
from coadapt.value._duve.encoder import EncoderShape, TemporalEncoder
from coadapt.value._duve.heads import Heads, Outlook
from coadapt.value._duve.inputs import N_CHANNELS, N_INPUTS, N_KINDS
from coadapt.value.base import EMBEDDING_DIM


class Network(nn.Module):
    """Read states from faded sums and the future from states.

    `context_mean` and `context_scale` (N_CONTEXT,) normalise the context.
    """

    context_mean: Tensor
    context_scale: Tensor

    def __init__(self, config: DUVEConfig, n_types: int) -> None:
        super().__init__()
        shape = EncoderShape(
            n_types=n_types,
            n_inputs=N_INPUTS,
            summary_width=len(config.graph_half_lives_days) * N_CHANNELS,
            n_kinds=N_KINDS,
            n_context=N_CONTEXT,
            half_lives_days=config.half_lives_days,
            decay=config.decay,
            graph=config.graph,
            message_dim=config.message_dim,
            hidden_dim=config.hidden_dim,
            state_dim=EMBEDDING_DIM,
            n_heads=config.n_heads,
            dropout=config.dropout,
        )
        self.encoder = TemporalEncoder(shape)
        self.heads = Heads(EMBEDDING_DIM, config.hidden_dim, config.dropout)
        self.register_buffer("context_mean", torch.zeros(N_CONTEXT))
        self.register_buffer("context_scale", torch.ones(N_CONTEXT))

    def states(self, sums: Tensor, context: Tensor) -> Tensor:
        """Return states (n, EMBEDDING_DIM)."""
        return self.encoder.read(sums, (context - self.context_mean) / self.context_scale)

    def forward(self, sums: Tensor, context: Tensor) -> Outlook:
        """Return the outlook of users from their sums at an instant."""
        return self.heads(self.states(sums, context))
