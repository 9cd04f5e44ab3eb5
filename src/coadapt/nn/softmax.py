"""Compute softmax cross-entropy over a whole catalogue without ever holding all its logits."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_SPARE_COLUMNS = 28
"""Two shifts, two weights and these make 32: matrix units multiply in tiles of 32 columns."""

_CHUNK = 512


def full_softmax_loss(
    queries: Tensor, items: Tensor, targets: Tensor, dtype: torch.dtype
) -> Tensor:
    """Return the mean of -log softmax(q W')[target] over all items, a scalar with gradients.

    `queries` (tokens, dim), `items` (n_items, dim), `targets` (tokens,); products run in `dtype`.
    Logits may exceed the target's by 80 at most: use cosine logits of a scale up to 40.
    """
    even = torch.zeros(len(items))
    loss: Tensor = _FusedSoftmaxLoss.apply(queries, items, targets, even, dtype)
    return loss


def sampled_softmax_loss(
    queries: Tensor, items: Tensor, targets: Tensor, n_negatives: int, dtype: torch.dtype
) -> Tensor:
    """Estimate the full-softmax loss from the batch's own targets and shared random negatives.

    Every target of the batch is a candidate for all its tokens; other items are drawn uniformly and
    weighted by one over the chance of being drawn (Horvitz & Thompson 1952), which leaves the
    softmax's denominator unbiased: the log-Q correction of Bengio & Senecal (2008).
    Shapes as for `full_softmax_loss`.
    """
    positives, columns = targets.unique(return_inverse=True)
    others = torch.ones(len(items), dtype=torch.bool, device=items.device)
    others[positives] = False
    pool = others.nonzero().squeeze(1)
    n_drawn = min(n_negatives, len(pool))
    drawn = pool[torch.randperm(len(pool), device=items.device)[:n_drawn]]
    log_weights = torch.zeros(len(positives) + n_drawn)
    log_weights[len(positives) :] = torch.tensor(len(pool) / max(n_drawn, 1)).log()
    candidates = items[torch.cat([positives, drawn])]
    loss: Tensor = _FusedSoftmaxLoss.apply(queries, candidates, columns, log_weights, dtype)
    return loss


class _FusedSoftmaxLoss(torch.autograd.Function):
    """Make loss and gradients chunk by chunk, so that a chunk's logits never leave the cache.

    Logits are taken relative to the target's own, so p = w exp(q·i - q·t) needs no second pass for
    a maximum, and the loss is log sum p.
    """

    @staticmethod
    def forward(
        ctx: Any,
        queries: Tensor,
        items: Tensor,
        targets: Tensor,
        log_weights: Tensor,
        dtype: torch.dtype,
    ) -> Tensor:
        """Return the mean loss and keep both gradients for `backward`."""
        narrow_items, narrow_queries = items.to(dtype), queries.to(dtype)
        chosen = narrow_items[targets]
        wide_queries, wide_items = _relative_factors(
            narrow_queries, narrow_items, chosen, log_weights
        )
        queries_grad = torch.empty_like(queries, dtype=torch.float32)
        items_grad = torch.zeros_like(items, dtype=torch.float32)
        totals = queries_grad.new_empty(len(queries), 1)
        for begin in range(0, len(queries), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            odds = torch.mm(wide_queries[part], wide_items.T).exp_()
            totals[part] = odds.sum(1, keepdim=True)
            share = totals[part].reciprocal()
            torch.mul(torch.mm(odds, narrow_items), share, out=queries_grad[part])
            items_grad += torch.mm(odds.T, (narrow_queries[part] * share).to(dtype))
        queries_grad -= chosen
        items_grad.index_add_(0, targets, narrow_queries.float(), alpha=-1)
        ctx.save_for_backward(queries_grad.div_(len(queries)), items_grad.div_(len(queries)))
        return totals.log_().mean()

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        """Scale the gradients that `forward` made."""
        queries_grad, items_grad = ctx.saved_tensors
        return queries_grad * outer[0], items_grad * outer[0], None, None, None


def _relative_factors(
    queries: Tensor, items: Tensor, chosen: Tensor, log_weights: Tensor
) -> tuple[Tensor, Tensor]:
    """Widen both factors so that their product is q·i - q·chosen + log weight.

    Each added term is split in a coarse and a fine part, which keeps it exact in bfloat16.
    """
    shift = (queries.float() * chosen.float()).sum(1, keepdim=True)
    ones = queries.new_ones(len(queries), 2)
    minus_ones = items.new_full((len(items), 2), -1)
    weights = _coarse_and_fine(log_weights.to(items.device)[:, None], items.dtype)
    return (
        torch.cat([queries, _coarse_and_fine(shift, queries.dtype), ones, _spare(queries)], 1),
        torch.cat([items, minus_ones, weights, _spare(items)], 1),
    )


def _coarse_and_fine(column: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a float32 column as two narrow ones whose sum it is, shape (n, 2)."""
    coarse = column.to(dtype)
    return torch.cat([coarse, (column - coarse.float()).to(dtype)], 1)


def _spare(like: Tensor) -> Tensor:
    """Return the zero columns that fill a tile."""
    return like.new_zeros(len(like), _SPARE_COLUMNS)
