"""Read a sequence causally: each place attends to itself and the places before it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from coadapt.nn.dropout import ByteDropout


@dataclass(frozen=True)
class BlockShape:
    """Say how wide a block is; `hidden_factor` is the feed-forward's width in embeddings."""

    embedding_dim: int
    n_heads: int
    hidden_factor: int
    dropout: float


class CausalBlock(nn.Module):
    """Attend causally, then transform each place alone; both on normalised input, both residual.

    Vaswani et al., "Attention Is All You Need" (2017), with the normalisation first.
    """

    def __init__(self, shape: BlockShape) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(shape.embedding_dim)
        self.attention = CausalAttention(shape.embedding_dim, shape.n_heads)
        self.feed_forward_norm = nn.LayerNorm(shape.embedding_dim)
        self.feed_forward = FeedForward(
            shape.embedding_dim, shape.embedding_dim * shape.hidden_factor
        )
        self.dropout = ByteDropout(shape.dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (batch, time, dim) to the same shape."""
        tokens = tokens + self.dropout(self.attention(self.attention_norm(tokens)))
        return tokens + self.dropout(self.feed_forward(self.feed_forward_norm(tokens)))


class CausalAttention(nn.Module):
    """Mix earlier places by scaled dot products, in several heads."""

    def __init__(self, embedding_dim: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.inner = nn.Linear(embedding_dim, 3 * embedding_dim)
        self.outer = nn.Linear(embedding_dim, embedding_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (batch, time, dim) to the same shape; padding must stand after the real places."""
        query, key, value = rearrange(
            self.inner(tokens),
            "b time (part head dim) -> part b head time dim",
            part=3,
            head=self.n_heads,
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.outer(rearrange(mixed, "b head time dim -> b time (head dim)"))


class FeedForward(nn.Module):
    """Transform each place alone by a hidden layer with GELU."""

    def __init__(self, embedding_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.inner = nn.Linear(embedding_dim, hidden_dim)
        self.outer = nn.Linear(hidden_dim, embedding_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (..., dim) to the same shape."""
        hidden: Tensor = functional.gelu(self.inner(tokens), approximate="tanh")
        return self.outer(hidden)


def normalized(vectors: Tensor) -> Tensor:
    """Return vectors of length one along the last axis."""
    return functional.normalize(vectors, dim=-1, eps=1e-6)


def last_places(states: Tensor, lengths: Tensor) -> Tensor:
    """Return each sequence's last real state: (batch, time, dim) and (batch,) to (batch, dim)."""
    return states[torch.arange(len(states), device=states.device), lengths - 1]
