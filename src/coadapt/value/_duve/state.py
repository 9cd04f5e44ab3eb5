"""Hold all that events fold into: memories, neighbourhood, market, and who is known since when."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from coadapt.value._duve.arrivals import Arrivals
from coadapt.value._duve.asking import Asker
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.context import context_of
from coadapt.value._duve.gaps import Gaps
from coadapt.value._duve.inputs import Inputs, Neighbourhood, Typical, numbers_of
from coadapt.value._duve.market import Market, Trace
from coadapt.value._duve.memory import EMPTY, Memory

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what n users' forecasts are read from.

    `instants` (n,); `sums` of each member (n, n_types, n_scales, n_channels); `first_seen` (n,),
    EMPTY for unknown users; `market` (n, N_MARKET).
    """

    instants: IntArray
    sums: list[Tensor]
    first_seen: IntArray
    market: FloatArray

    @property
    def is_unknown(self) -> BoolArray:
        """Tell of whom no event is known, shape (n,)."""
        return self.first_seen == EMPTY

    @property
    def context(self) -> Tensor:
        """Return the context of each user, shape (n, N_CONTEXT)."""
        known_since = np.where(self.is_unknown, self.instants, self.first_seen)
        return torch.from_numpy(context_of(self.instants, known_since, self.market))

    def put(self, places: IntArray, other: Reading) -> None:
        """Replace some users' by another reading's."""
        for mine, newer in zip(self.sums, other.sums, strict=True):
            mine[places] = newer
        self.first_seen[places] = other.first_seen
        self.market[places] = other.market


class State:
    """Fold arrivals into one memory a member, each message made once, on arrival.

    Without an asker there is no member, and messages are not made.
    """

    def __init__(self, config: DUVEConfig, asker: Asker | None, typical_log: float) -> None:
        self.typical = Typical(typical_log, config.session_minutes)
        self.gaps = Gaps()
        self.asker = asker
        self.neighbourhood = Neighbourhood(config.graph_half_lives_days)
        self.market = Market()
        self.first_seen: IntArray = np.zeros(0, np.int64)
        self.memories = [Memory(each, asker.n_channels) for each in asker.rates] if asker else []

    def fold(self, arrivals: Arrivals, counts_from: IntArray) -> tuple[Inputs, Trace]:
        """Fold events in the order in which they count; return what their messages were made of."""
        is_new = self._note_first(arrivals.users, counts_from)
        summaries, present = self.neighbourhood.fold(arrivals)
        gaps = self.gaps.fold(arrivals.users, arrivals.times)
        numbers = numbers_of(arrivals, gaps, self.typical)
        inputs = Inputs(arrivals.types, numbers, summaries, present)
        trace = self.market.fold(arrivals, is_new)
        messages = self.asker.messages(inputs) if self.asker else []
        for memory, own in zip(self.memories, messages, strict=True):
            memory.add(arrivals.users, arrivals.types, arrivals.times, own)
        return inputs, trace

    @contextmanager
    def only_users(self, items: IntArray, hosts: IntArray) -> Iterator[None]:
        """Let what is folded meanwhile change users alone: what they share stays as it was."""
        market = copy.deepcopy(self.market)
        kept = []
        for table, rows in zip(self.neighbourhood.tables[1:], (items, hosts), strict=True):
            met = np.unique(rows[rows >= 0])
            part = table.excerpt(met)
            kept.append((table, met, part.sums, part.newest))
        try:
            yield
        finally:
            self.market = market
            for table, met, sums, newest in kept:
                table.sums[met], table.newest[met] = sums, newest

    def clear(self, users: IntArray) -> None:
        """Empty the state of these users."""
        for memory in self.memories:
            memory.clear(users)
        self.neighbourhood.clear(users)
        self.gaps.clear(users)
        known = users[(users >= 0) & (users < len(self.first_seen))]
        self.first_seen[known] = EMPTY

    def read(self, users: IntArray, instants: IntArray) -> Reading:
        """Return what users' forecasts at instants (n,) are read from."""
        sums = [memory.read(users, instants) for memory in self.memories]
        known = (users >= 0) & (users < len(self.first_seen))
        first = np.full(len(users), EMPTY)
        first[known] = self.first_seen[users[known]]
        return Reading(instants, sums, first, self.market.at(instants))

    def excerpt(self, users: IntArray, items: IntArray, hosts: IntArray) -> State:
        """Return a copy that holds these rows alone, renumbered in this order (ascending)."""
        part = copy.copy(self)
        part.neighbourhood = self.neighbourhood.excerpt((users, items, hosts))
        part.gaps = self.gaps.excerpt(users)
        part.market = copy.deepcopy(self.market)
        part.memories = [memory.excerpt(users) for memory in self.memories]
        known = users < len(self.first_seen)
        part.first_seen = np.full(len(users), EMPTY)
        part.first_seen[known] = self.first_seen[users[known]]
        return part

    @property
    def bytes_per_user(self) -> float:
        """Return the bytes that one user's rows take; what users share is not counted."""
        users = self.neighbourhood.tables[0]
        own: list[npt.NDArray[Any]] = [self.first_seen, self.gaps.last, users.sums, users.newest]
        for memory in self.memories:
            own += [memory.sums, memory.newest]
        return float(sum(column.itemsize * math.prod(column.shape[1:]) for column in own))

    def arrays(self) -> Arrays:
        """Return everything as arrays by name."""
        arrays: Arrays = {
            "first_seen": self.first_seen.copy(),
            "last": self.gaps.last.copy(),
            **self.market.state(),
        }
        for number, memory in enumerate(self.memories):
            arrays[f"memory.{number}.sums"] = memory.sums[: len(self.first_seen)].copy()
            arrays[f"memory.{number}.newest"] = memory.newest[: len(self.first_seen)].copy()
        for kind, table in enumerate(self.neighbourhood.tables):
            arrays[f"neighbours.{kind}.sums"] = table.sums.copy()
            arrays[f"neighbours.{kind}.newest"] = table.newest.copy()
        return arrays

    def load(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what `arrays` returned."""
        self.first_seen = np.array(arrays["first_seen"], np.int64)
        self.gaps.last = np.array(arrays["last"], np.int64)
        self.market.load_state(arrays)
        for number, memory in enumerate(self.memories):
            memory.sums = np.array(arrays[f"memory.{number}.sums"], np.float32)
            memory.newest = np.array(arrays[f"memory.{number}.newest"], np.int64)
        for kind, table in enumerate(self.neighbourhood.tables):
            table.sums = np.array(arrays[f"neighbours.{kind}.sums"])
            table.newest = np.array(arrays[f"neighbours.{kind}.newest"])

    def _note_first(self, users: IntArray, counts_from: IntArray) -> npt.NDArray[np.float64]:
        """Note who appears, and return 1 at each user's first event ever."""
        missing = int(users.max(initial=-1)) + 1 - len(self.first_seen)
        if missing > 0:
            more = np.full(max(missing, 0), EMPTY)
            self.first_seen = np.concatenate((self.first_seen, more))
        if len(users) == 1 and self.first_seen[users[0]] != EMPTY:
            return np.zeros(1)
        unique, first = np.unique(users, return_index=True)
        is_new = np.zeros(len(users))
        appeared = self.first_seen[unique] == EMPTY
        is_new[first[appeared]] = 1.0
        self.first_seen[unique[appeared]] = counts_from[first[appeared]]
        return is_new
