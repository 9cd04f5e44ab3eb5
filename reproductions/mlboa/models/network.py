"""Train a network on sequences, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from scipy.special import expit
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray
from coadapt.domain.errors import NotFittedError
from coadapt.domain.ranges import Between, OneOf
from coadapt.domain.resources import Resources
from mlboa.features import Examples
from mlboa.models.base import Classifier, accuracy

PREDICTED_AT_ONCE: Final = 1024


class NetworkConfig(BaseModel):
    """Hold how a network is trained.

    With `keeps_best_epoch`, the weights are those of the epoch with the best validation accuracy,
    else the last epoch's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning_rate: Annotated[float, Field(gt=0), Between(1e-4, 5e-2, log=True)] = 5e-3
    dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.6)] = 0.2
    batch_size: Annotated[int, Field(ge=1), OneOf(16, 32, 64, 128, 256)] = 64
    weight_decay: Annotated[float, Field(ge=0), Between(1e-6, 1e-2, log=True)] = 0.0
    max_epochs: Annotated[int, Field(ge=1)] = 20
    keeps_best_epoch: bool = False


@dataclass(frozen=True)
class Batch:
    """Hold features (batch, time, features), lengths (batch,) and words (batch, time, words).

    What lies behind a length is to be left unread; no word is 0.
    """

    steps: Tensor
    lengths: Tensor
    words: Tensor


class NetworkClassifier(Classifier):
    """Train a network by AdamW on the mean log loss.

    `build` returns a fresh network for such examples: a Batch to (batch,) logits.
    """

    def __init__(self, config: NetworkConfig, build: Callable[[Examples], nn.Module]) -> None:
        self._config = config
        self._build = build
        self._network: nn.Module | None = None

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        torch.manual_seed(resources.seed)
        self._network = self._build(train)
        rng = np.random.default_rng(resources.seed)
        best = _Best()
        for epoch, loss in enumerate(self._epochs(self._network, train, rng), start=1):
            reached = accuracy(self.predict_proba(validation), validation)
            if self._config.keeps_best_epoch:
                best.offer(reached, self._network)
            if resources.report is not None:
                resources.report(epoch, loss, reached)
            if resources.should_stop():
                break
        best.restore(self._network)

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        if self._network is None:
            raise NotFittedError("fit the network before it predicts")
        order = np.argsort(examples.lengths, kind="stable")
        batches = _Batches(examples)
        logits = np.empty(len(examples))
        self._network.eval()
        with torch.no_grad():
            for rows in _cut(order, PREDICTED_AT_ONCE):
                logits[rows] = self._network(batches.at(rows)).numpy()
        return expit(logits)

    def _epochs(
        self, network: nn.Module, train: Examples, rng: np.random.Generator
    ) -> Iterator[float]:
        """Yield the mean loss of each epoch, after one step a batch."""
        optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=self._config.learning_rate,
            weight_decay=self._config.weight_decay,
        )
        batches = _Batches(train)
        labels = torch.from_numpy(train.is_positive).float()
        for _ in range(self._config.max_epochs):
            network.train()
            losses = []
            for rows in _cut(rng.permutation(len(train)), self._config.batch_size):
                logits = network(batches.at(rows))
                loss = binary_cross_entropy_with_logits(logits, labels[torch.from_numpy(rows)])
                _step(network, optimizer, loss)
                losses.append(float(loss.detach()))
            yield float(np.mean(losses))


class _Batches:
    """Cut batches out of examples."""

    def __init__(self, examples: Examples) -> None:
        self._examples = examples
        self._features = torch.from_numpy(examples.features)
        self._words = torch.from_numpy(examples.words)

    def at(self, rows: IntArray) -> Batch:
        """Return these examples, cut to the longest of them."""
        lengths = self._examples.lengths[rows]
        steps = torch.from_numpy(self._examples.steps[rows, : int(lengths.max())])
        return Batch(self._features[steps], torch.from_numpy(lengths), self._words[steps])


class _Best:
    """Hold the weights with the highest accuracy so far."""

    def __init__(self) -> None:
        self._accuracy = -np.inf
        self._weights: dict[str, Tensor] = {}

    def offer(self, accuracy: float, network: nn.Module) -> None:
        """Keep a copy of the weights if they are better."""
        if accuracy > self._accuracy:
            self._accuracy, self._weights = accuracy, deepcopy(network.state_dict())

    def restore(self, network: nn.Module) -> None:
        """Put the best weights back, if any were offered."""
        if self._weights:
            network.load_state_dict(self._weights)


def _step(network: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Move the weights once."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()


def _cut(rows: IntArray, size: int) -> Iterator[IntArray]:
    """Yield runs of rows."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
