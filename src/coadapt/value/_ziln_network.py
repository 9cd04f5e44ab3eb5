"""Train a small network of users' features with the zero-inflated log-normal head."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from coadapt.data.batches import BoolArray, FloatArray
from coadapt.domain.ranges import Between
from coadapt.domain.resources import Resources
from coadapt.value._cutoffs import CutoffConfig
from coadapt.value._zero_inflated import from_logits, ziln_loss


class ZILNConfig(CutoffConfig):
    """Hold the network's shape and how it is trained."""

    hidden_dim: Annotated[int, Field(ge=1, le=128), Between(16, 128, log=True)] = 64
    n_layers: Annotated[int, Field(ge=1, le=8), Between(1, 4)] = 2
    dropout: Annotated[float, Field(ge=0, lt=1), Between(0.0, 0.5)] = 0.1
    learning_rate: Annotated[float, Field(gt=0), Between(1e-4, 2e-2, log=True)] = 2e-3
    weight_decay: Annotated[float, Field(ge=0), Between(1e-6, 0.1, log=True)] = 1e-3
    batch_size: Annotated[int, Field(ge=1), Between(128, 4096, log=True)] = 1024
    max_epochs: Annotated[int, Field(ge=1)] = 30
    patience: Annotated[int, Field(ge=1)] = 4
    """Epochs without an improvement on the newest cut-off before training stops."""


@dataclass(frozen=True)
class Sample:
    """Hold normalised features, shape (n, n_features), and spend, shape (n,)."""

    inputs: Tensor
    spend: Tensor

    @classmethod
    def of(cls, inputs: FloatArray, spend: FloatArray) -> Sample:
        """Return arrays as float32 tensors."""
        return cls(torch.from_numpy(inputs).float(), torch.from_numpy(spend).float())

    def where(self, is_kept: BoolArray) -> Sample:
        """Return this part."""
        kept = torch.from_numpy(is_kept)
        return Sample(self.inputs[kept], self.spend[kept])

    def with_more(self, other: Sample) -> Sample:
        """Return both samples."""
        return Sample(torch.cat((self.inputs, other.inputs)), torch.cat((self.spend, other.spend)))


def build_network(n_inputs: int, config: ZILNConfig) -> nn.Sequential:
    """Return an untrained network: hidden layers, then three logits."""
    sizes = [n_inputs, *[config.hidden_dim] * config.n_layers]
    layers: list[nn.Module] = []
    for size, next_size in pairwise(sizes):
        layers += [nn.Linear(size, next_size), nn.ReLU(), nn.Dropout(config.dropout)]
    return nn.Sequential(*layers, nn.Linear(config.hidden_dim, 3)).eval()


def train(
    sample: Sample, newest: Sample, config: ZILNConfig, resources: Resources
) -> nn.Sequential:
    """Return a network trained on a sample for as many epochs as suited the newest cut-off best.

    The epochs are counted on `sample` alone; then a fresh network learns from both. Where there is
    no time for that, the best one of `sample` alone is returned.
    """
    n_epochs, best = config.max_epochs, None
    if len(sample.spend):
        n_epochs, best = _best_epoch(sample, newest, config, resources)
        if resources.should_stop():
            return best
    learner = _Learner.start(sample.with_more(newest), config, resources)
    for epoch in range(n_epochs):
        learner.run_epoch()
        resources.progress(config.max_epochs + epoch + 1, config.max_epochs + n_epochs, "training")
        if resources.should_stop() and epoch + 1 < n_epochs:
            return learner.network if best is None else best
    return learner.network


def _best_epoch(
    sample: Sample, newest: Sample, config: ZILNConfig, resources: Resources
) -> tuple[int, nn.Sequential]:
    """Return after how many epochs the loss on the newest cut-off was lowest, and the network."""
    learner = _Learner.start(sample, config, resources)
    best, losses = learner.network, list[float]()
    for epoch in range(config.max_epochs):
        learner.run_epoch()
        losses.append(learner.loss(newest))
        if int(np.argmin(losses)) == epoch:
            best = deepcopy(learner.network)
        if resources.report is not None:
            resources.report(epoch + 1, losses[-1], -losses[-1])
        resources.progress(epoch + 1, 2 * config.max_epochs, f"epoch {epoch + 1}")
        is_stale = epoch - int(np.argmin(losses)) >= config.patience
        if is_stale or resources.should_stop():
            break
    return int(np.argmin(losses)) + 1, best


@dataclass
class _Learner:
    """Hold a network in training."""

    network: nn.Sequential
    optimizer: torch.optim.Optimizer
    sample: Sample
    batch_size: int
    generator: torch.Generator

    @classmethod
    def start(cls, sample: Sample, config: ZILNConfig, resources: Resources) -> _Learner:
        """Return a fresh network that starts at the sample's own rate and amounts."""
        torch.manual_seed(resources.seed)
        network = build_network(sample.inputs.shape[1], config)
        last = network[-1]
        with torch.no_grad():
            last.get_parameter("weight").mul_(0.1)
            last.get_parameter("bias").copy_(_typical_logits(sample.spend))
        optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            fused=True,
        )
        generator = torch.Generator().manual_seed(resources.seed)
        return cls(network, optimizer, sample, config.batch_size, generator)

    def run_epoch(self) -> None:
        """Take one step a batch."""
        self.network.train()
        order = torch.randperm(len(self.sample.spend), generator=self.generator)
        for rows in order.split(self.batch_size):
            self.optimizer.zero_grad()
            loss = self._loss(self.sample.inputs[rows], self.sample.spend[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
        self.network.eval()

    @torch.no_grad()
    def loss(self, sample: Sample) -> float:
        """Return the mean loss on a sample."""
        return float(self._loss(sample.inputs, sample.spend))

    def _loss(self, inputs: Tensor, spend: Tensor) -> Tensor:
        """Return the mean loss of a batch."""
        return ziln_loss(from_logits(self.network(inputs)), spend)


def _typical_logits(spend: Tensor) -> Tensor:
    """Return the logits that give everybody the sample's share of spenders and their log amounts.

    Softplus turns the third back into the deviation.
    """
    positive = spend[spend > 0]
    share = ((len(positive) + 1) / torch.tensor(float(len(spend) + 2))).logit()
    if len(positive) < 2:
        return torch.stack((share, torch.tensor(0.0), torch.tensor(0.0)))
    logs = positive.log()
    deviation = logs.std().clamp_min(0.1)
    return torch.stack((share, logs.mean(), deviation.expm1().log()))
