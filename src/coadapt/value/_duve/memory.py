"""Keep every user's faded sums, one a type and time scale: what a forecast is read from."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor

from coadapt.data.batches import IntArray, ScoreArray
from coadapt.domain.durations import DAY_MS
from coadapt.nn.decay import faded_sums

EMPTY = np.iinfo(np.int64).min


class Memory:
    """Keep a ← a · exp(-rate Δt) + message for each user and type, as of its newest event.

    `rates` (n_types, n_scales) per day. `sums` (n_users, n_types, n_scales, n_channels) float32,
    `newest` (n_users, n_types) epoch ms, EMPTY where there was no event. An event costs O(one
    message); a late one is faded by its own age.
    """

    def __init__(self, rates: Tensor, n_channels: int) -> None:
        self.rates = rates
        n_types, n_scales = rates.shape
        self.sums: ScoreArray = np.zeros((0, n_types, n_scales, n_channels), np.float32)
        self.newest: IntArray = np.zeros((0, n_types), np.int64)

    def grow(self, n_users: int) -> None:
        """Make room for rows up to `n_users`."""
        missing = n_users - len(self.newest)
        if missing <= 0:
            return
        more = max(missing, len(self.newest) // 4)
        self.sums = np.concatenate((self.sums, np.zeros((more, *self.sums.shape[1:]), np.float32)))
        empty = np.full((more, self.newest.shape[1]), EMPTY)
        self.newest = np.concatenate((self.newest, empty))

    def add(self, users: IntArray, types: IntArray, times: IntArray, messages: Tensor) -> None:
        """Add messages (n, n_channels) of events at `times` (epoch ms)."""
        self.grow(int(users.max(initial=-1)) + 1)
        if len(users) == 1:
            self._add_one(int(users[0]), int(types[0]), int(times[0]), messages.numpy())
            return
        n_types = self.newest.shape[1]
        rows, places = np.unique(users * n_types + types, return_inverse=True)
        owners, kinds = rows // n_types, rows % n_types
        before = self.newest[owners, kinds]
        newest = before.copy()
        np.maximum.at(newest, places, times)
        gains = self._gains(before, newest, kinds)
        ages = torch.from_numpy(((newest[places] - times) / DAY_MS).astype(np.float32))
        added = faded_sums(messages, ages, self.rates[types], torch.from_numpy(places), len(rows))
        self.sums[owners, kinds] = self.sums[owners, kinds] * gains + added.numpy()
        self.newest[owners, kinds] = newest

    def read(self, users: IntArray, as_of: IntArray) -> Tensor:
        """Return the sums at instants (n,), shape (n, n_types, n_scales, n_channels)."""
        known = (users >= 0) & (users < len(self.newest))
        sums = np.zeros((len(users), *self.sums.shape[1:]), np.float32)
        rows = users[known]
        since = self.newest[rows]
        days = np.where(since == EMPTY, 0.0, (as_of[known][:, None] - since) / DAY_MS)
        fade = np.exp(-np.maximum(days, 0.0)[:, :, None] * self.rates.numpy())
        sums[known] = self.sums[rows] * fade[..., None].astype(np.float32)
        return torch.from_numpy(sums)

    def excerpt(self, users: IntArray) -> Memory:
        """Return a memory of these users alone, in this order."""
        part = copy.copy(self)
        self.grow(int(users.max(initial=-1)) + 1)
        part.sums, part.newest = self.sums[users], self.newest[users]
        return part

    def clear(self, users: IntArray) -> None:
        """Empty these users' sums."""
        known = users[(users >= 0) & (users < len(self.newest))]
        self.sums[known] = 0.0
        self.newest[known] = EMPTY

    def _add_one(self, user: int, kind: int, time: int, message: ScoreArray) -> None:
        """Add one message without the cost of grouping."""
        since = int(self.newest[user, kind])
        newest = max(since, time)
        days = 0.0 if since == EMPTY else (newest - since) / DAY_MS
        rates = self.rates.numpy()[kind][:, None]
        faded = np.exp(-rates * np.float32((newest - time) / DAY_MS)) * message
        self.sums[user, kind] = self.sums[user, kind] * np.exp(-rates * np.float32(days)) + faded
        self.newest[user, kind] = newest

    def _gains(self, before: IntArray, newest: IntArray, kinds: IntArray) -> ScoreArray:
        """Return what is left of old sums, shape (n, n_scales, 1)."""
        days = np.where(before == EMPTY, 0.0, (newest - before) / DAY_MS)
        gains = np.exp(-days[:, None] * self.rates.numpy()[kinds])
        return gains[:, :, None].astype(np.float32)
