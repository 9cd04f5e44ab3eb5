"""Take turns: look everywhere, look near the best, or step to the bottom of a fitted bowl."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

from coadapt.data.batches import FloatArray

Turn = Literal["everywhere", "nearby", "bowl"]

FIRST_WAIT: Final = 2
LONGEST_WAIT: Final = 5
EVERYWHERE_EVERY: Final = 2


class Waiting(NamedTuple):
    """Hold how many other turns pass between bowls, and how many of them, and in all, have."""

    wait: int = FIRST_WAIT
    n_since: int = 0
    n_others: int = 0

    def is_due(self, trial: int, first_bowl: int) -> bool:
        """Tell whether a trial is a bowl's."""
        return trial >= first_bowl and self.n_since >= self.wait

    def after_bowl(self, *, is_best: bool) -> Waiting:
        """Return how to go on: bowls that find a new best come more often, others less."""
        wait = max(self.wait // 2, 1) if is_best else min(self.wait * 2, LONGEST_WAIT)
        return Waiting(wait, 0, self.n_others)

    def after_other(self) -> Waiting:
        """Return how to go on after any other turn."""
        return Waiting(self.wait, self.n_since + 1, self.n_others + 1)


def turn_after(t: FloatArray, n_start: int, first_bowl: int | None) -> Turn:
    """Return whose turn follows trials of these values; without a first bowl there is none."""
    waiting, best = Waiting(), np.minimum.accumulate(t)
    first = len(t) + 1 if first_bowl is None else first_bowl
    for trial in range(n_start, len(t)):
        if waiting.is_due(trial, first):
            waiting = waiting.after_bowl(is_best=bool(t[trial] < best[trial - 1]))
        else:
            waiting = waiting.after_other()
    if waiting.is_due(len(t), first):
        return "bowl"
    return "nearby" if waiting.n_others % EVERYWHERE_EVERY else "everywhere"
