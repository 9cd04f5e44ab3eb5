"""Read a sequence causally: each place attends to itself and the places before it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
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
        self.attention = Attention(shape.embedding_dim, shape.n_heads)
        self.feed_forward_norm = nn.LayerNorm(shape.embedding_dim)
        self.feed_forward = FeedForward(
            shape.embedding_dim, shape.embedding_dim * shape.hidden_factor
        )
        self.dropout = ByteDropout(shape.dropout)

    def forward(self, tokens: Tensor, bias: Tensor) -> Tensor:
        """Map tokens (batch, time, dim) to the same shape; bias as `causal_distance_bias` gives."""
        tokens = tokens + self.dropout(self.attention(self.attention_norm(tokens), bias))
        return tokens + self.dropout(self.feed_forward(self.feed_forward_norm(tokens)))

    def newest(self, tokens: Tensor, bias: Tensor, lengths: Tensor) -> Tensor:
        """Return what `forward` gives at each sequence's last place, shape (batch, dim).

        For answers: no dropout, and no work for places that nobody asks for.
        """
        mixed = self.attention.newest(self.attention_norm(tokens), bias, lengths)
        states: Tensor = last_places(tokens, lengths) + mixed
        return states + self.feed_forward(self.feed_forward_norm(states))


class Attention(nn.Module):
    """Mix places by scaled dot products plus a bias, in several heads.

    Written out, since PyTorch's fused attention is slower for short sequences on a CPU.
    """

    def __init__(self, embedding_dim: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.inner = nn.Linear(embedding_dim, 3 * embedding_dim)
        self.outer = nn.Linear(embedding_dim, embedding_dim)

    def forward(self, tokens: Tensor, bias: Tensor) -> Tensor:
        """Map tokens (batch, time, dim) to the same shape; bias (heads, time, time)."""
        query, key, value = self._by_head(self.inner(tokens), n_parts=3)
        logits = torch.baddbmm(
            bias.to(query.dtype).repeat(len(tokens), 1, 1),
            query.flatten(0, 1),
            key.flatten(0, 1).transpose(1, 2),
            alpha=query.shape[-1] ** -0.5,
        )
        mixed = torch.bmm(logits.softmax(-1), value.flatten(0, 1))
        # (batch x head, time, dim) -> (batch, time, head x dim)
        by_place = mixed.unflatten(0, (len(tokens), self.n_heads)).transpose(1, 2)
        return self.outer(by_place.flatten(2))

    def newest(self, tokens: Tensor, bias: Tensor, lengths: Tensor) -> Tensor:
        """Mix for each sequence's last place only, shape (batch, dim)."""
        dim = tokens.shape[-1]
        weight, offset = self.inner.weight, self.inner.bias
        query = functional.linear(last_places(tokens, lengths), weight[:dim], offset[:dim])
        key, value = self._by_head(functional.linear(tokens, weight[dim:], offset[dim:]), n_parts=2)
        # One query a sequence: (batch, dim) -> (batch, head, 1, dim)
        query = query.unflatten(1, (self.n_heads, 1, -1))
        of_last = bias[:, lengths - 1].transpose(0, 1).unsqueeze(2)
        logits = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5 + of_last
        mixed = logits.softmax(-1) @ value
        return self.outer(mixed.flatten(1))

    def _by_head(self, mixed: Tensor, n_parts: int) -> tuple[Tensor, ...]:
        """Split (batch, time, part x head x dim) into parts of shape (batch, head, time, dim)."""
        parts = mixed.unflatten(2, (n_parts, self.n_heads, -1))
        return parts.permute(2, 0, 3, 1, 4).unbind()


class FeedForward(nn.Module):
    """Transform each place alone by a hidden layer with ReLU."""

    def __init__(self, embedding_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.inner = nn.Linear(embedding_dim, hidden_dim)
        self.outer = nn.Linear(hidden_dim, embedding_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (..., dim) to the same shape."""
        return self.outer(functional.relu(self.inner(tokens)))


def causal_distance_bias(n_heads: int, length: int, device: torch.device) -> Tensor:
    """Return -slope x distance for the past and -inf for the future, shape (heads, time, time).

    Slopes fall by powers of two from head to head: Press, Smith & Lewis, "Train Short, Test Long"
    (2022). No place has a vector of its own, so a history may be longer than any in training.
    """
    places = torch.arange(length, device=device)
    distance = (places[:, None] - places).float()
    heads = torch.arange(n_heads, device=device)
    slopes = 2.0 ** -(heads * 8 / n_heads + 1)
    bias = -slopes[:, None, None] * distance
    return bias.masked_fill(distance < 0, -torch.inf)


def normalized(vectors: Tensor) -> Tensor:
    """Return vectors of length one along the last axis."""
    return functional.normalize(vectors, dim=-1, eps=1e-6)


def last_places(states: Tensor, lengths: Tensor) -> Tensor:
    """Return each sequence's last real state: (batch, time, dim) and (batch,) to (batch, dim)."""
    return states[torch.arange(len(states), device=states.device), lengths - 1]
