"""Fold a user's events into one state: messages from the graph, faded sums, attention over types.

h_u(t) = Σ_{τ<t} exp(-λ_type · (t - τ)) · GNN(G_τ), a sum a type and time scale, fused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import GATv2Conv

from coadapt.nn.decay import DecayMode, DecayRates
from coadapt.value._duve.inputs import Inputs

N_RAW = 4
"""Channels that nothing is learned in: the event, a visit's start, and the amount's two forms."""

N_COUNTS = 2
"""The first of these, which are never below zero."""

FLOOR = 1e-4
"""Sums below this are read as nothing."""


class MessageInputs(NamedTuple):
    """Hold what n messages are made of: see `Inputs`; `present` is (n, n_kinds)."""

    types: Tensor
    numbers: Tensor
    summaries: Tensor
    present: Tensor

    @classmethod
    def of(cls, inputs: Inputs) -> MessageInputs:
        """Return inputs as tensors."""
        columns = (inputs.types, inputs.numbers, inputs.summaries, inputs.present)
        return cls(*(torch.from_numpy(column) for column in columns))


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """Say how large an encoder is and how its sums fade."""

    n_types: int
    n_inputs: int
    summary_width: int
    n_kinds: int
    n_context: int
    half_lives_days: tuple[float, ...]
    decay: DecayMode = "learned"
    graph: bool = True
    message_dim: int = 16
    hidden_dim: int = 64
    state_dim: int = 128
    n_heads: int = 2
    dropout: float = 0.1


class TemporalEncoder(nn.Module):
    """Make messages, and read the state of users from their faded sums."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.shape = shape
        self.rates = DecayRates(shape.n_types, shape.half_lives_days, shape.decay)
        self.type_inputs = nn.Embedding(shape.n_types, shape.hidden_dim)
        self.from_numbers = nn.Linear(shape.n_inputs, shape.hidden_dim)
        if shape.graph:
            self.kinds = nn.Parameter(torch.randn(shape.n_kinds, shape.hidden_dim) * 0.1)
            self.from_summary = nn.Linear(shape.summary_width, shape.hidden_dim)
            self.neighbours = GATv2Conv(
                shape.hidden_dim,
                shape.hidden_dim // shape.n_heads,
                heads=shape.n_heads,
                add_self_loops=False,
            )
        if shape.message_dim:
            self.to_message = nn.Linear(shape.hidden_dim, shape.message_dim)
        width = len(shape.half_lives_days) * (shape.message_dim + N_RAW)
        self.to_token = nn.Linear(width, shape.state_dim)
        self.type_tokens = nn.Parameter(torch.randn(shape.n_types, shape.state_dim) * 0.02)
        self.to_query = nn.Linear(shape.n_context, shape.state_dim)
        self.attention = nn.Linear(shape.state_dim, 1)
        self.fuse = nn.Sequential(
            nn.Linear(shape.state_dim + shape.n_context, shape.state_dim),
            nn.SiLU(),
            nn.Dropout(shape.dropout),
        )

    @property
    def n_channels(self) -> int:
        """Return the numbers of a message."""
        return self.shape.message_dim + N_RAW

    def messages(self, inputs: MessageInputs) -> Tensor:
        """Return each event's message (n, n_channels).

        First 1 for the event and the first numbers as they are (N_RAW), then learned ones, if any,
        the first half above zero.
        """
        ones = inputs.numbers.new_ones(len(inputs.numbers), 1)
        raw = torch.cat((ones, inputs.numbers[:, : N_RAW - 1]), dim=1)
        if not self.shape.message_dim:
            return raw
        hidden = self.from_numbers(inputs.numbers) + self.type_inputs(inputs.types)
        if self.shape.graph:
            hidden = hidden + self._heard(hidden, inputs)
        learned = self.to_message(functional.silu(hidden))
        half = self.shape.message_dim // 2
        return torch.cat((raw, functional.softplus(learned[:, :half]), learned[:, half:]), dim=1)

    def read(self, sums: Tensor, context: Tensor) -> Tensor:
        """Return states (n, state_dim) from sums (n, n_types, n_scales, n_channels) at an instant.

        `context` (n, n_context) is what time it is, and how long the user has been known.
        """
        tokens = functional.silu(self.to_token(self._logs(sums)) + self.type_tokens)
        query = self.to_query(context)[:, None, :]
        weights = torch.softmax(self.attention(torch.tanh(tokens + query)), dim=1)
        pooled = (weights * tokens).sum(dim=1)
        return self.fuse(torch.cat((pooled, context), dim=1))

    def _heard(self, hidden: Tensor, inputs: MessageInputs) -> Tensor:
        """Return what the event's neighbours say, weighed by attention, shape (n, hidden_dim)."""
        event, kind = inputs.present.nonzero(as_tuple=True)
        sources = self.from_summary(inputs.summaries[event, kind]) + self.kinds[kind]
        edges = torch.stack((torch.arange(len(event)), event))
        return self.neighbours((functional.silu(sources), hidden), edges)

    def _logs(self, sums: Tensor) -> Tensor:
        """Return sums as logarithms, (n, n_types, n_scales * n_channels): ages become linear."""
        n_positive = N_RAW + self.shape.message_dim // 2
        counts = sums[..., :N_COUNTS]
        signed = sums[..., N_COUNTS:N_RAW]
        positive = sums[..., N_RAW:n_positive]
        logs = (
            torch.log(counts.clamp_min(0) + FLOOR),
            torch.asinh(signed),
            torch.log(positive.clamp_min(0) + FLOOR),
            torch.asinh(sums[..., n_positive:]),
        )
        return torch.cat(logs, dim=-1).flatten(start_dim=2) / 3.0
