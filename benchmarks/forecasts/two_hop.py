"""Score DUVE with a full graph attention forward over two hops in place of cached summaries.

An event's message reads the newest events of its user, item and host, and each of those the newest
events at its other end, all of them strictly earlier: what the summaries stand for. It answers
whether they lose anything, and what an event costs without them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import GATv2Conv
from typing_extensions import override

from coadapt.data.batches import IntArray
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS
from coadapt.domain.resources import Resources
from coadapt.evaluation.forecasting import Evaluated, Outcome
from coadapt.evaluation.metrics.forecast import crps
from coadapt.value._duve.arrivals import arrivals_of, known_types
from coadapt.value._duve.averaging import forecast_of
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.context import context_of
from coadapt.value._duve.encoder import EncoderShape, MessageInputs, TemporalEncoder
from coadapt.value._duve.fitted import Fitted, new_member, seeded
from coadapt.value._duve.inputs import N_INPUTS, N_KINDS, Inputs
from coadapt.value._duve.learning import lay_out, typical_log
from coadapt.value._duve.network import Network
from coadapt.value._duve.timeline import Timeline
from coadapt.value._duve.training import Lesson, sums_at
from coadapt.value.forecasts import N_LEVELS

N_NEWEST: Final = 3
"""Neighbours an event reads at each hop, of each kind."""

N_CELL: Final = N_INPUTS + 2
"""Numbers of a neighbour: its event's own, its age, and whether it is there."""

USERS_AT_ONCE: Final = 256


@dataclass(frozen=True)
class TwoHopInputs(Inputs):
    """Hold what messages are made of, the neighbourhoods as events: `near` (n, N_KINDS, k).

    `far` (n, N_KINDS, k, k); -1 where there is none. `ages_days` are read off `times`.
    """

    near: IntArray
    far: IntArray
    times: IntArray

    @override
    def take(self, events: IntArray) -> Inputs:
        """Return those of these events, `summaries` being their neighbours' numbers."""
        near, far = self.near[events], self.far[events]
        cells = np.concatenate((near.reshape(len(events), -1), far.reshape(len(events), -1)), 1)
        known = np.maximum(cells, 0)
        ages = np.maximum(self.times[events][:, None] - self.times[known], 0) / DAY_MS
        columns = (self.numbers[known], np.log1p(ages)[..., None], (cells >= 0)[..., None])
        summaries = np.concatenate(columns, axis=2).astype(np.float32)
        return Inputs(self.types[events], self.numbers[events], summaries, self.present[events])


def neighbourhoods(timeline: Timeline, k: int) -> TwoHopInputs:
    """Return the timeline's inputs with the newest k events at both hops."""
    arrivals, inputs = timeline.arrivals, timeline.inputs
    by_user, by_item, by_host = (
        newest_before(rows, k) for rows in (arrivals.users, arrivals.items, arrivals.hosts)
    )
    near = np.stack((by_user, by_item, by_host), axis=1)
    far = np.stack([_beyond(by_item, by_user), *(_beyond(by_user, n) for n in (by_item, by_host))])
    columns = (inputs.types, inputs.numbers, inputs.summaries, inputs.present)
    return TwoHopInputs(*columns, near, far.swapaxes(0, 1), arrivals.times)


def newest_before(rows: IntArray, k: int) -> IntArray:
    """Return each event's k newest earlier events of the same row, -1: none; shape (n, k)."""
    order = np.argsort(rows, kind="stable")
    found = np.full((len(rows), k), -1)
    for back in range(1, k + 1):
        later, earlier = order[back:], order[:-back]
        is_same = (rows[later] == rows[earlier]) & (rows[later] >= 0)
        found[later[is_same], back - 1] = earlier[is_same]
    return found


def _beyond(neighbours: IntArray, near: IntArray) -> IntArray:
    """Return the neighbours of events' neighbours, shape (n, k, k)."""
    return np.where((near >= 0)[..., None], neighbours[np.maximum(near, 0)], -1)


class TwoHopEncoder(TemporalEncoder):
    """Hear neighbours through two layers of graph attention."""

    def __init__(self, shape: EncoderShape, k: int) -> None:
        super().__init__(replace(shape, summary_width=1))
        self.k = k
        self.from_event = nn.Linear(N_CELL - 1, shape.hidden_dim)
        width = shape.hidden_dim // shape.n_heads
        self.outer_hop = GATv2Conv(shape.hidden_dim, width, shape.n_heads, add_self_loops=False)

    @override
    def _heard(self, hidden: Tensor, inputs: MessageInputs) -> Tensor:
        is_there = inputs.summaries[..., -1] > 0
        events = functional.silu(self.from_event(inputs.summaries[..., :-1]))
        n_near = N_KINDS * self.k
        near = events[:, :n_near].flatten(0, 1)
        far = events[:, n_near:].flatten(0, 1)
        near = near + self.outer_hop((far, near), _edges(is_there[:, n_near:].flatten(), self.k))
        kinds = self.kinds.repeat_interleave(self.k, dim=0).repeat(len(hidden), 1)
        edges = _edges(is_there[:, :n_near].flatten(), n_near)
        return self.neighbours((functional.silu(near) + kinds, hidden), edges)


def _edges(is_there: Tensor, n_each: int) -> Tensor:
    """Return edges (2, n) from sources that are there to targets that have `n_each` of them."""
    sources = is_there.nonzero().squeeze(1)
    return torch.stack((sources, sources // n_each))


@dataclass(frozen=True)
class TwoHop:
    """Hold a taught network and its events, and what makes messages from summaries of them."""

    network: Network
    timeline: Timeline
    summarising: TemporalEncoder
    summaries: Inputs

    def forecast_at(self, stream: Stream, cutoff: int, config: DUVEConfig) -> Evaluated:
        """Forecast and score everybody known before the cut-off."""
        outcome = Outcome.after(stream, cutoff, config.spend_types, config.horizon_days)
        instants = np.full(len(outcome.users), cutoff)
        first = self.timeline.first_counted[outcome.users]
        context = context_of(instants, first, self.timeline.market_at(instants))
        with torch.no_grad():
            outlook = self.network(self._sums(outcome.users, cutoff), torch.from_numpy(context))
        nobody = np.zeros(len(outcome.users), np.bool_)
        outlooks = torch.stack(tuple(outlook)).numpy()[np.newaxis]
        forecast = forecast_of(outlooks, nobody, np.zeros(N_LEVELS + 1))
        return Evaluated(outcome, forecast, crps(forecast, outcome.actual))

    def messages_per_second(self, n_events: int = 20_000) -> dict[str, float]:
        """Return how many messages are made a second from neighbours, and from summaries."""
        return {
            "duve, from two hops": _rate(self.network.encoder, self.timeline.inputs, n_events),
            "duve, from summaries": _rate(self.summarising, self.summaries, n_events),
        }

    def _sums(self, users: IntArray, cutoff: int) -> Tensor:
        """Return users' faded sums, some users at a time."""
        parts = np.array_split(users, max(1, len(users) // USERS_AT_ONCE))
        return torch.cat(
            [
                sums_at(self.network, self.timeline, part, np.full((len(part), 1), cutoff))
                for part in parts
            ]
        )


def teach_two_hop(past: Stream, config: DUVEConfig, resources: Resources, as_of: int) -> TwoHop:
    """Teach one member as DUVE teaches its own, on what is known at `as_of` (epoch ms)."""
    known = past.known_at(as_of)
    names = known_types(known)
    log = typical_log(arrivals_of(known, names, config.spend_types))
    network = new_member(config, len(names), resources.seed)
    summarising = network.encoder
    with seeded(resources.seed):
        network.encoder = TwoHopEncoder(summarising.shape, N_NEWEST)
    plain = lay_out(known, config, Fitted((network,), names, log, np.zeros(0)))
    timeline = replace(plain, inputs=neighbourhoods(plain, N_NEWEST))
    with seeded(resources.seed):
        Lesson(timeline, config, as_of).teach(network, resources, resources.seed)
    return TwoHop(network, timeline, summarising.eval(), plain.inputs)


def _rate(encoder: TemporalEncoder, inputs: Inputs, n_events: int, batch: int = 1_000) -> float:
    """Return the messages an encoder makes a second, its inputs gathered in batches."""
    events = np.arange(min(n_events, len(inputs.types)))
    started = time.perf_counter()
    with torch.no_grad():
        for start in range(0, len(events), batch):
            encoder.messages(MessageInputs.of(inputs.take(events[start : start + batch])))
    return len(events) / (time.perf_counter() - started)
