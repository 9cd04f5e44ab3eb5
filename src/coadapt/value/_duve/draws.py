"""Draw the cut-offs from which a network learns: users and instants whose horizons are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coadapt.data.batches import BoolArray, IntArray
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import EmptyDataError
from coadapt.value._duve.config import DUVEConfig
from coadapt.value._duve.timeline import Timeline

PAIRS_A_BATCH = 20_000
USERS_A_BATCH = 512


@dataclass(frozen=True, slots=True)
class Draws:
    """Hold instants of users (n,), `per_user` of each in a row, shape (n, per_user).

    `is_fair`: drawn from the calendar and not just after an event.
    """

    users: IntArray
    instants: IntArray
    is_fair: BoolArray

    @property
    def flat_users(self) -> IntArray:
        """Return the user of each instant, shape (n * per_user,)."""
        return np.repeat(self.users, self.instants.shape[1])


class Lottery:
    """Draw instants whose horizons end by `as_of`, later ones more often."""

    def __init__(self, timeline: Timeline, config: DUVEConfig, as_of: int) -> None:
        self.timeline, self.config = timeline, config
        self.last = as_of - config.horizon_days * DAY_MS
        is_known = (np.diff(timeline.offsets) > 0) & (timeline.first_counted < self.last)
        self.users = np.flatnonzero(is_known)
        if not len(self.users):
            raise EmptyDataError(
                f"no event lies more than {config.horizon_days} days back, so that what followed "
                "is known: give more events or a shorter horizon"
            )

    def groups(self, rng: np.random.Generator) -> Iterator[IntArray]:
        """Yield every user once, as many at a time as a batch holds of their events."""
        users = rng.permutation(self.users)
        n_pairs = np.diff(self.timeline.offsets)[users] * self.config.instants_per_user
        group = np.maximum(
            np.cumsum(n_pairs) // PAIRS_A_BATCH, np.arange(len(users)) // USERS_A_BATCH
        )
        yield from np.split(users, np.flatnonzero(np.diff(group)) + 1)

    def draw(self, users: IntArray, rng: np.random.Generator) -> Draws:
        """Draw instants of users: half of them at midnight, the last just after an event."""
        shape = (len(users), self.config.instants_per_user)
        low = self.timeline.first_counted[users][:, None] + 1
        rate = np.log(2.0) / (self.config.recency_half_life_days * DAY_MS)
        span = 1.0 - np.exp(-rate * (self.last - low))
        age = -np.log1p(-rng.random(shape) * span) / rate
        instants = np.clip(self.last - age.astype(np.int64), low, self.last)
        midnight = np.maximum(instants - instants % DAY_MS, low)
        instants = np.where(rng.random(shape) < 0.5, midnight, instants)
        is_fair = np.ones(shape, np.bool_)
        if shape[1] > 1:
            instants[:, -1] = np.minimum(self._after_an_event(users, rng), self.last)
            is_fair[:, -1] = False
        return Draws(users, instants, is_fair)

    def _after_an_event(self, users: IntArray, rng: np.random.Generator) -> IntArray:
        """Return the instant after a random event of each user."""
        start, end = self.timeline.offsets[users], self.timeline.offsets[users + 1]
        chosen = start + (rng.random(len(users)) * (end - start)).astype(np.int64)
        return self.timeline.counts_from[self.timeline.by_user[chosen]] + 1
