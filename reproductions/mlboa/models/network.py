"""Train a network on sequences, epoch by epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from copy import deepcopy
from typing import Annotated

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from coadapt.data.batches import FloatArray, IntArray
from coadapt.domain.errors import NotFittedError
from coadapt.domain.ranges import Between, OneOf
from coadapt.domain.resources import Resources
from mlboa.features import Examples
from mlboa.models.base import accuracy

PREDICTED_AT_ONCE = 1024


class NetworkConfig(BaseModel):
    """Hold how a network is trained.

    With `keeps_best_epoch`, the weights are those of the epoch with the best validation accuracy,
    else the last epoch's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning_rate: Annotated[float, Field(gt=0), Between(1e-4, 5e-2, log=True)] = 5e-3
    dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.6)] = 0.2
    batch_size: Annotated[int, Field(ge=1), OneOf(16, 32, 64, 128, 256)] = 64
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    max_epochs: Annotated[int, Field(ge=1)] = 20
    keeps_best_epoch: bool = False


class NetworkClassifier(ABC):
    """Train what a subclass builds by AdamW on the mean log loss."""

    config: NetworkConfig

    def __init__(self) -> None:
        self._network: nn.Module | None = None

    @abstractmethod
    def build(self, n_features: int) -> nn.Module:
        """Return a fresh network: (batch, time, features) and lengths to (batch,) logits."""

    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        """Train for `max_epochs`, or until told to stop."""
        torch.manual_seed(resources.seed)
        network = self._network = self.build(train.features.shape[1])
        optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=self.config.learning_rate,
            weight_decay=self.config.weight_decay,
        )
        rng = np.random.default_rng(resources.seed)
        best, best_weights = -np.inf, {}
        for epoch in range(1, self.config.max_epochs + 1):
            loss = self._run_epoch(network, optimizer, train, rng)
            reached = accuracy(self.predict_proba(validation), validation)
            if self.config.keeps_best_epoch and reached > best:
                best, best_weights = reached, deepcopy(network.state_dict())
            if resources.report is not None:
                resources.report(epoch, loss, reached)
            if resources.should_stop():
                break
        if best_weights:
            network.load_state_dict(best_weights)

    def predict_proba(self, examples: Examples) -> FloatArray:
        """Return the probability of a positive label. Raises NotFittedError before a training."""
        if self._network is None:
            raise NotFittedError("fit the network before it predicts")
        order = np.argsort(examples.lengths, kind="stable")
        features = torch.from_numpy(examples.features)
        logits = np.empty(len(examples))
        self._network.eval()
        with torch.no_grad():
            for rows in _cut(order, PREDICTED_AT_ONCE):
                logits[rows] = self._network(*_batch(features, examples, rows)).numpy()
        return 1 / (1 + np.exp(-logits))

    def _run_epoch(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        train: Examples,
        rng: np.random.Generator,
    ) -> float:
        """Take one step a batch; return the mean loss."""
        network.train()
        features = torch.from_numpy(train.features)
        labels = torch.from_numpy(train.is_positive).float()
        losses = []
        for rows in _cut(rng.permutation(len(train)), self.config.batch_size):
            optimizer.zero_grad()
            logits = network(*_batch(features, train, rows))
            loss = binary_cross_entropy_with_logits(logits, labels[torch.from_numpy(rows)])
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
        return float(np.mean(losses))


def _batch(features: Tensor, examples: Examples, rows: IntArray) -> tuple[Tensor, Tensor]:
    """Return inputs, cut to the longest of the batch, and lengths."""
    lengths = examples.lengths[rows]
    steps = examples.steps[rows, : int(lengths.max())]
    return features[torch.from_numpy(steps)], torch.from_numpy(lengths)


def _cut(rows: IntArray, size: int) -> Iterator[IntArray]:
    """Yield runs of rows."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
