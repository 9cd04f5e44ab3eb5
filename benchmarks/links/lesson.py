"""Take the steps of one model's training, and average its weights."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from coadapt.data.batches import IntArray
from links.model import LinkModel, Typical
from links.samples import Samples

WARM_UP_STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """Say how a model is taught."""

    max_epochs: int = 4
    batch_size: int = 256
    learning_rate: float = 1.5e-3
    rates_learning_rate: float = 5e-3
    weight_decay: float = 0.01
    clip_norm: float = 2.0
    averaging: float = 0.999
    """Weights are averaged over about 1 / (1 - averaging) steps."""
    greatest_shift: float = 0.4
    """Slopes are trusted so far from the logarithm of the rates that they were read at."""


class Lesson:
    """Teach one model, an epoch at a time; `averaged` is what it has come to."""

    def __init__(self, model: LinkModel, settings: Settings, n_events: int) -> None:
        self.model, self.averaged = model, copy.deepcopy(model)
        self.settings, self.n_events = settings, n_events
        rates = list(model.encoder.rates.parameters())
        self.weights = [
            weight for weight in model.parameters() if not any(weight is rate for rate in rates)
        ]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": self.weights, "weight_decay": settings.weight_decay},
                {"params": rates, "weight_decay": 0.0, "lr": settings.rates_learning_rate},
            ],
            lr=settings.learning_rate,
        )
        n_steps = settings.max_epochs * (n_events // settings.batch_size)
        self.pace = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: _pace(step + 1, n_steps)
        )
        self.n_steps_taken = 0

    def begin(self, typical: Typical) -> None:
        """Measure features by what is typical."""
        self.model.set_typical(typical)
        self.averaged.set_typical(typical)

    def learn(self, past: Samples, rng: np.random.Generator) -> float:
        """Learn from all events once, in any order, and return the mean loss."""
        self.model.train()
        read_at = torch.from_numpy(self.model.rates_per_day()).log()
        size = self.settings.batch_size
        order = rng.permutation(self.n_events)[: self.n_events // size * size]
        losses = [
            self._step(past, np.sort(rows), read_at) for rows in np.split(order, len(order) // size)
        ]
        # Slopes lead to today's rates alone, so these are not averaged.
        self.averaged.encoder.rates.load_state_dict(self.model.encoder.rates.state_dict())
        return float(np.mean(losses))

    def _step(self, past: Samples, rows: IntArray, read_at: Tensor) -> float:
        """Take one step and return the loss."""
        has_rates = self.model.encoder.rates.mode != "none"
        batch = past.batch(rows, has_slopes=has_rates)
        scores = self.model(batch, read_at if has_rates else None)
        scores = scores + torch.from_numpy(past.block.log_weights[rows])
        loss = functional.cross_entropy(scores, torch.from_numpy(past.truths[rows]))
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, self.settings.clip_norm)
        self.optimizer.step()
        self.pace.step()
        self._stay_near(read_at)
        self._average()
        return loss.item()

    def _stay_near(self, read_at: Tensor) -> None:
        """Keep rates where slopes are trusted."""
        log_rates = self.model.encoder.rates.log_rates
        if not log_rates.requires_grad:
            return
        near = read_at[: len(log_rates), : log_rates.shape[1]]
        shift = self.settings.greatest_shift
        with torch.no_grad():
            log_rates.copy_(log_rates.clamp(near - shift, near + shift))

    def _average(self) -> None:
        """Move the averaged weights towards the present ones."""
        self.n_steps_taken += 1
        kept = min(self.settings.averaging, self.n_steps_taken / (self.n_steps_taken + 10))
        with torch.no_grad():
            for mean, weight in zip(
                self.averaged.parameters(), self.model.parameters(), strict=True
            ):
                mean.lerp_(weight, 1.0 - kept)


def _pace(step: int, n_steps: int) -> float:
    """Return the share of the learning rate: it rises fast, then falls as a cosine."""
    falling = 0.5 * (1.0 + math.cos(math.pi * min(step / n_steps, 1.0)))
    return min(1.0, step / WARM_UP_STEPS) * (0.98 * falling + 0.02)
