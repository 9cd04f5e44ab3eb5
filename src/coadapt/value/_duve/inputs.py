"""Turn events into what a message is made of: their own numbers and their neighbours' pasts."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

from coadapt.data.batches import FloatArray, IntArray, ScoreArray
from coadapt.data.fading import FadingTable
from coadapt.domain.durations import DAY_MS
from coadapt.value._duve.arrivals import Arrivals

N_INPUTS = 11
"""Numbers an event brings itself."""

N_KINDS = 3
"""Kinds of neighbours: the user, the item, the host."""

N_CHANNELS = 5
"""Numbers summed in each node: events, money events, their amounts, and the audience's two."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Hold what the messages of n events are made of.

    `numbers` (n, N_INPUTS), `summaries` (n, N_KINDS, width) and whether each neighbour is there,
    `present` (n, N_KINDS).
    """

    types: IntArray
    numbers: ScoreArray
    summaries: ScoreArray
    present: FloatArray

    def take(self, events: IntArray) -> Inputs:
        """Return those of these events."""
        return Inputs(
            self.types[events], self.numbers[events], self.summaries[events], self.present[events]
        )


@dataclass(frozen=True, slots=True)
class Typical:
    """Hold what numbers are measured by: the mean logarithm of an amount, a session's silence."""

    log_amount: float
    session_minutes: float


def numbers_of(arrivals: Arrivals, gap_minutes: FloatArray, typical: Typical) -> ScoreArray:
    """Return each event's own numbers; amounts around a typical one, as they are and as logarithms.

    The first N_RAW columns are summed as they are: see `TemporalEncoder.messages`.
    """
    value = np.where(np.isfinite(arrivals.values), arrivals.values, 0.0)
    has_value = value != 0
    pieces = np.where(np.isfinite(arrivals.quantities), arrivals.quantities, 1.0)
    log_value = np.where(has_value, np.log1p(np.abs(value)) - typical.log_amount, 0.0)
    log_pieces = np.log(np.maximum(np.abs(pieces), 1.0))
    hour = 2 * np.pi * (arrivals.times % DAY_MS) / DAY_MS
    weekday = 2 * np.pi * (arrivals.times % (7 * DAY_MS)) / (7 * DAY_MS)
    known_gap = np.where(np.isfinite(gap_minutes), gap_minutes, 0.0)
    columns = (
        gap_minutes > typical.session_minutes,
        log_value,
        arrivals.amounts / np.expm1(typical.log_amount + 1.0),
        np.log1p(known_gap) / 10.0,
        has_value,
        log_pieces,
        np.sign(arrivals.amounts),
        np.cos(hour),
        np.sin(hour),
        np.cos(weekday),
        np.sin(weekday),
    )
    return np.stack(columns, axis=1).astype(np.float32)


class Neighbourhood:
    """Keep a summary of every user, item and host: sums that fade, one hop read an event.

    An item's summary holds its events and what its audience had done before; so a message knows
    two hops, each as it stood when the event arrived.
    """

    def __init__(self, half_lives_days: tuple[float, ...]) -> None:
        rates = np.log(2.0) / np.asarray(half_lives_days)
        self.tables = tuple(FadingTable(rates, N_CHANNELS) for _ in range(N_KINDS))
        self.width = len(rates) * N_CHANNELS

    def fold(self, arrivals: Arrivals) -> tuple[ScoreArray, FloatArray]:
        """Fold events in order; return each one's summaries just before it, and which are there."""
        n_events = len(arrivals)
        summaries = np.zeros((n_events, N_KINDS, self.width), np.float32)
        present = np.zeros((n_events, N_KINDS))
        is_money = arrivals.amounts != 0
        log_amount = np.sign(arrivals.amounts) * np.log1p(np.abs(arrivals.amounts))
        own = np.stack((np.ones(n_events), is_money, log_amount), axis=1)
        audience = np.zeros((n_events, 2))
        for kind, rows in enumerate((arrivals.users, arrivals.items, arrivals.hosts)):
            there = np.flatnonzero(rows >= 0)
            messages = np.concatenate((own, audience), axis=1)[there]
            before = self.tables[kind].fold(rows[there], arrivals.times[there], messages)
            summaries[there, kind] = _logs(before)
            present[there, kind] = 1.0
            if kind == 0:
                audience = np.log1p(np.maximum(before[:, -1, 1:3], 0.0))
        return summaries, present

    def excerpt(self, rows: tuple[IntArray, IntArray, IntArray]) -> Neighbourhood:
        """Return a copy that holds these rows of each kind alone, renumbered."""
        part = copy.copy(self)
        part.tables = tuple(
            table.excerpt(kept) for table, kept in zip(self.tables, rows, strict=True)
        )
        return part

    def clear(self, users: IntArray) -> None:
        """Forget what these users did; what items met stays, without names."""
        self.tables[0].clear(users)


def _logs(sums: FloatArray) -> ScoreArray:
    """Return sums (n, n_scales, n_channels) as signed logarithms, shape (n, width)."""
    flat = sums.reshape(len(sums), sums.shape[1] * sums.shape[2])
    return (np.sign(flat) * np.log1p(np.abs(flat))).astype(np.float32)
