"""Teach a network from many cut-off times of every user, batched over their events."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from coadapt.data.batches import BoolArray, FloatArray, IntArray, ScoreArray
from coadapt.domain.durations import DAY_MS, MINUTE_MS
from coadapt.domain.errors import DataError
from coadapt.domain.resources import Resources
from coadapt.nn.decay import faded_sums
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.context import context_of
from coadapt.value._duve.draws import Draws, Lottery
from coadapt.value._duve.encoder import MessageInputs
from coadapt.value._duve.heads import Outlook, zero_inflated_crps, zero_inflated_nll
from coadapt.value._duve.network import Network
from coadapt.value._duve.timeline import Futures, Timeline

WARM_UP = 0.2
SIDE_WEIGHT = 0.1
"""Weight of each of the heads beside spend."""


class Lesson:
    """Teach networks from drawn cut-offs, epoch by epoch."""

    def __init__(self, timeline: Timeline, config: DUVEConfig, as_of: int) -> None:
        self.timeline, self.config = timeline, config
        self.lottery = Lottery(timeline, config, as_of)
        self._spend_scale = 1.0

    def teach(self, network: Network, resources: Resources, seed: int) -> None:
        """Train a network in place. Raises DataError where its loss is no number."""
        rng = np.random.default_rng(seed)
        self._set_typical(network, rng)
        n_batches = len(list(self.lottery.groups(rng)))
        n_epochs = max(1, round(self.config.n_steps / n_batches))
        n_steps = n_epochs * n_batches
        optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=self.config.learning_rate,
            weight_decay=self.config.weight_decay,
        )
        pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step / n_steps))
        network.train()
        for epoch in range(n_epochs):
            losses = []
            for done, users in enumerate(self.lottery.groups(rng)):
                losses.append(self._step(network, self.lottery.draw(users, rng), optimizer))
                pace.step()
                progress = epoch + done / n_batches
                resources.progress(progress, n_epochs, f"epoch {epoch + 1}")
                if resources.should_stop():
                    break
            if resources.report is not None:
                resources.report(epoch + 1, float(np.mean(losses)), None)
            if resources.should_stop():
                break
        network.eval()

    def typical_spend(self, rng: np.random.Generator) -> FloatArray:
        """Return what users spent after drawn cut-offs: what is known of an unknown user."""
        draws = self.lottery.draw(self.lottery.users, rng)
        return self._futures(draws).spend[draws.is_fair.ravel()]

    def _step(self, network: Network, draws: Draws, optimizer: torch.optim.Optimizer) -> float:
        """Take one step and return the loss. Raises DataError."""
        loss = self._loss(network, draws)
        if not math.isfinite(loss.item()):
            raise DataError(
                "the loss of a training is no finite number: look for absurd values and times in "
                "the data, or choose a lower learning_rate"
            )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), self.config.clip_norm)
        optimizer.step()
        return loss.item()

    def _futures(self, draws: Draws) -> Futures:
        """Return what came after drawn instants."""
        return self.timeline.futures(
            draws.flat_users,
            draws.instants.ravel(),
            self.config.horizon_days,
            round(self.config.session_minutes * MINUTE_MS),
        )

    def _loss(self, network: Network, draws: Draws) -> Tensor:
        """Return the loss at drawn instants."""
        sums = sums_at(network, self.timeline, draws.users, draws.instants)
        outlook = network(sums, torch.from_numpy(self._context(draws)))
        return self._judged(outlook, self._futures(draws), torch.from_numpy(draws.is_fair.ravel()))

    def _judged(self, outlook: Outlook, futures: Futures, is_fair: Tensor) -> Tensor:
        """Return the loss of an outlook on what came; unfair instants teach the session alone."""
        spend = torch.from_numpy(futures.spend).float()
        crps = zero_inflated_crps(outlook, spend) / self._spend_scale
        loss = zero_inflated_nll(outlook, spend) + self.config.crps_weight * crps
        loss = loss + SIDE_WEIGHT * _binary(outlook.comes_back, futures.comes_back)
        for log_mean, count in (
            (outlook.n_events, futures.n_events),
            (outlook.n_referrals, futures.n_referrals),
        ):
            loss = loss + SIDE_WEIGHT * _poisson(log_mean, torch.from_numpy(count).float())
        session = SIDE_WEIGHT * _binary(outlook.buys_now, futures.buys_now)
        return (loss * is_fair).sum() / is_fair.sum().clamp_min(1) + session.mean()

    def _context(self, draws: Draws) -> ScoreArray:
        """Return the context of drawn instants, a row each."""
        instants = draws.instants.ravel()
        first = self.timeline.first_counted[draws.flat_users]
        return context_of(instants, first, self.timeline.market_at(instants))

    def _set_typical(self, network: Network, rng: np.random.Generator) -> None:
        """Start the heads from what is typical, and learn the scale of losses and contexts."""
        draws = self.lottery.draw(self.lottery.users, rng)
        context = self._context(draws)
        futures = self._futures(draws)
        spent = futures.spend[futures.spend > 0]
        logs = np.log(spent) if len(spent) else np.zeros(1)
        self._spend_scale = max(float(np.abs(futures.spend).mean()), 1e-9)
        deviation = max(float(logs.std()), 0.3)
        typical = (
            _logit(len(spent) / len(futures.spend)),
            logs.mean(),
            np.log(np.expm1(max(deviation - 0.2, 0.1))),
            _logit(futures.comes_back.mean()),
            _logit(futures.buys_now.mean()),
            np.log(futures.n_events.mean() + 1e-3),
            np.log(futures.n_referrals.mean() + 1e-3),
        )
        network.heads.typical.copy_(torch.tensor(np.array(typical), dtype=torch.float32))
        network.context_mean.copy_(torch.from_numpy(context.mean(axis=0)))
        network.context_scale.copy_(torch.from_numpy(context.std(axis=0) + 0.05))


def sums_at(network: Network, timeline: Timeline, users: IntArray, instants: IntArray) -> Tensor:
    """Return the faded sums of users (n,) at instants (n, per_user), before the event at each.

    Shape (n * per_user, n_types, n_scales, n_channels). Each message is made once.
    """
    encoder = network.encoder
    starts, lengths = timeline.offsets[users], np.diff(timeline.offsets)[users]
    owner = np.repeat(np.arange(len(users)), lengths)
    shift = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    events = timeline.by_user[np.arange(len(owner)) + shift]
    messages = encoder.messages(MessageInputs.of(timeline.inputs.take(events)))
    event, column = np.nonzero(timeline.counts_from[events][:, None] < instants[owner])
    ages = (instants[owner[event], column] - timeline.arrivals.times[events[event]]) / DAY_MS
    types = timeline.arrivals.types[events[event]]
    n_types = encoder.shape.n_types
    places = (owner[event] * instants.shape[1] + column) * n_types + types
    sums = faded_sums(
        messages[torch.from_numpy(event)],
        torch.from_numpy(ages.astype(np.float32)),
        encoder.rates()[torch.from_numpy(types)],
        torch.from_numpy(places),
        instants.size * n_types,
    )
    return sums.unflatten(0, (instants.size, n_types))


def _pace(done: float) -> float:
    """Return the share of the learning rate: it rises over a fifth of training, then falls."""
    if done < WARM_UP:
        return 0.05 + 0.95 * done / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * min((done - WARM_UP) / (1 - WARM_UP), 1.0))) + 1e-4


def _binary(log_odds: Tensor, happened: BoolArray) -> Tensor:
    """Return the cross-entropy of a yes or no."""
    return functional.binary_cross_entropy_with_logits(
        log_odds, torch.from_numpy(happened).float(), reduction="none"
    )


def _poisson(log_mean: Tensor, count: Tensor) -> Tensor:
    """Return the loss of a count's mean, less for large counts, which would drown the rest."""
    return torch.exp(log_mean.clamp_max(12.0)) / (1 + count) - log_mean * count / (1 + count)


def _logit(share: float) -> float:
    """Return the log-odds of a share that is neither none nor all."""
    share = float(np.clip(share, 1e-3, 1 - 1e-3))
    return float(np.log(share / (1 - share)))
