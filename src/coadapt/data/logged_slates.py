"""Hold slates that were shown: how probable each was, what came of it, and what else could be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from coadapt.data.batches import FloatArray, IntArray, Ranking, Scores, Situation


@dataclass(frozen=True, slots=True)
class LoggedSlates:
    """Hold n slates of at most k places, oldest first, as a policy may be asked about them.

    `situation` and `scores` are what it would have chosen from, without people's pasts. `shown` is
    what the log has instead, with the propensities it was shown with; a row that is none of the
    candidates is an item that could not have been chosen. `rewards`, shape (n, k), is what came of
    each place, 0 where it is empty. `people`, shape (n,), numbers who was asked for; `times`, shape
    (n,), are epoch ms.
    """

    situation: Situation
    scores: Scores
    shown: Ranking
    rewards: FloatArray
    people: IntArray
    times: IntArray

    def __len__(self) -> int:
        return len(self.people)

    @property
    def fingerprint(self) -> str:
        """Return what tells these slates from any others."""
        arrays = (
            self.situation.candidate_rows,
            self.scores.values,
            self.shown.rows,
            self.shown.propensities,
            self.rewards,
            self.people,
            self.times,
        )
        digest = sha256()
        for array in arrays:
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def take(self, index: IntArray) -> LoggedSlates:
        """Return the slates at these places, in this order."""
        situation = replace(
            self.situation,
            histories=self.situation.histories.take(index),
            candidate_rows=self.situation.candidate_rows[index],
        )
        return LoggedSlates(
            situation,
            Scores(self.scores.values[index]),
            self.shown.at(index),
            self.rewards[index],
            self.people[index],
            self.times[index],
        )

    def first_places(self, n_places: int) -> LoggedSlates:
        """Return the same slates without what stands below a place."""
        shown = self.shown.at((slice(None), slice(n_places)))
        return replace(self, shown=shown, rewards=self.rewards[:, :n_places])

    def parted(self, newest: float) -> tuple[LoggedSlates, LoggedSlates]:
        """Return the slates before and among the newest share of them."""
        places = np.arange(len(self))
        n_before = len(self) - round(newest * len(self))
        return self.take(places[:n_before]), self.take(places[n_before:])
