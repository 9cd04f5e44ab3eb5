"""Train a network by gradient descent, on the data as it is, keeping the best weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from coadapt.data.dataset import Dataset
from coadapt.domain.errors import DataError
from coadapt.domain.resources import Resources
from coadapt.nn.trainable import OptimizerConfig, Trainable, ends_after

__all__ = ["PlainStrategy"]


class PlainStrategy:
    """Run AdamW over epochs, validate after each, stop early, and return to the best weights.

    Loshchilov & Hutter, "Decoupled Weight Decay Regularization" (2019); the learning rate warms up
    linearly and falls along a cosine.
    """

    def fit(self, method: Trainable, dataset: Dataset, resources: Resources) -> None:
        """Train a fresh network of a method on a dataset.

        Raises DataError on a diverging loss.
        """
        method.prepare(dataset, resources.seed)
        network = method.network.to(resources.device)
        optimizer = _optimizer(network, method.config)
        pace = _Pace(method.config)
        best = _Best(network)
        rng = np.random.default_rng(resources.seed)
        for epoch in range(method.config.max_epochs):
            network.train()
            batches = _counted(method.batches(dataset, rng), epoch, method, resources)
            loss = _run_epoch(method, batches, optimizer, pace)
            pace.epoch_done()
            network.eval()
            value = None if resources.validate is None else resources.validate()
            best.offer(value)
            if resources.report is not None:
                resources.report(epoch + 1, loss, value)
            if resources.should_stop() or ends_after(method.config, epoch + 1, best.n_stale):
                break
        best.restore()
        network.to("cpu").eval()


@dataclass
class _Pace:
    """Give the learning rate of each step; an epoch counts as done by the share of its batches."""

    config: OptimizerConfig
    step: int = 0
    epoch: int = 0
    share: float = 0.0

    def learning_rate(self) -> float:
        """Return the rate of the next step: linear warm-up, then a cosine to the final share."""
        done = min((self.epoch + self.share) / self.config.max_epochs, 1.0)
        cosine = 0.5 * (1 + math.cos(math.pi * done))
        final = self.config.final_learning_rate_share
        warmth = min(1.0, (self.step + 1) / max(self.config.warmup_steps, 1))
        return self.config.learning_rate * warmth * (final + (1 - final) * cosine)

    def epoch_done(self) -> None:
        """Go to the next epoch."""
        self.epoch, self.share = self.epoch + 1, 0.0


class _Best:
    """Keep the weights of the best validation; without validation the last weights stand."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._value = -math.inf
        self._weights: dict[str, Tensor] | None = None
        self.n_stale = 0

    def offer(self, value: float | None) -> None:
        """Keep the present weights if their value is the best so far."""
        if value is None:
            return
        self.n_stale += 1
        if value > self._value:
            self._value, self.n_stale = value, 0
            self._weights = copy.deepcopy(self._network.state_dict())

    def restore(self) -> None:
        """Put the best weights back."""
        if self._weights is not None:
            self._network.load_state_dict(self._weights)


def _optimizer(network: nn.Module, config: OptimizerConfig) -> torch.optim.Optimizer:
    """Make AdamW with decay on matrices only."""
    learned = [weight for weight in network.parameters() if weight.requires_grad]
    groups = [
        {"params": [w for w in learned if w.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [w for w in learned if w.ndim <= 1], "weight_decay": 0.0},
    ]
    betas = (0.9, config.second_moment_decay)
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=betas, fused=True)


def _run_epoch(
    method: Trainable,
    batches: Iterator[tuple[float, Any]],
    optimizer: torch.optim.Optimizer,
    pace: _Pace,
) -> float:
    """Take one step a batch and return the mean loss."""
    losses = []
    for share_done, batch in batches:
        for group in optimizer.param_groups:
            group["lr"] = pace.learning_rate()
        optimizer.zero_grad()
        loss = method.loss(batch)
        loss.backward()
        nn.utils.clip_grad_norm_(method.network.parameters(), method.config.clip_norm)
        optimizer.step()
        pace.step, pace.share = pace.step + 1, share_done
        losses.append(loss.item())
    mean = float(np.mean(losses)) if losses else math.nan
    if not math.isfinite(mean):
        raise DataError(
            "the loss is not a number: no user has two events, or the learning rate is too high"
        )
    return mean


def _counted(
    batches: Iterator[tuple[float, Any]],
    epoch: int,
    method: Trainable,
    resources: Resources,
) -> Iterator[tuple[float, Any]]:
    """Yield (share of the epoch done, batch on the device), with progress, until told to stop."""
    for share_done, batch in batches:
        yield share_done, type(batch)(*(part.to(resources.device) for part in batch))
        resources.progress(epoch + share_done, method.config.max_epochs, f"epoch {epoch + 1}")
        if resources.should_stop():
            return
