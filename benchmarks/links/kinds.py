"""Name the interaction types whose decay is learned, and where each of their time scales starts."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import ScoreArray

DAY_S: Final = 86_400.0

HALF_LIVES_DAYS: Final = (1 / 1440, 10 / 1440, 1 / 24, 0.25, 2.0, 20.0)
"""Where the rates of every type start: a minute to twenty days."""

N_SCALES: Final = len(HALF_LIVES_DAYS)

PAIR: Final = 0
"""A user edits a page again."""
PAGE: Final = 1
"""A page is edited."""
NEWCOMER: Final = 2
"""A page is edited by somebody new to it."""
FIRST_USER: Final = 3
"""A page is edited by somebody who has edited nothing before."""
TRANSITION: Final = 4
"""Somebody goes from one page to another."""
COVISIT: Final = 5
"""Somebody who knows one page gets to know another."""
HABIT: Final = 6
"""A user goes from one page to another."""
USER: Final = 7
"""The first of N_GAPS types: a user edits anything, by how long that user had been silent."""

GAP_EDGES_S: Final = (60.0, 300.0, 1800.0, 7200.0, 28_800.0, 86_400.0, 259_200.0)
N_GAPS: Final = len(GAP_EDGES_S) + 1
N_TYPES: Final = USER + N_GAPS

NAMES: Final = (
    *("pair", "page", "newcomer", "first user", "transition", "covisit", "habit"),
    *(f"user, gap {gap + 1}" for gap in range(N_GAPS)),
)

# The scales that a type uses, where it does not use all: a sum costs time.
HOUR_DAYS: Final = (2, 4)
DAYS_WEEKS: Final = (4, 5)
HOUR_DAYS_WEEKS: Final = (2, 4, 5)
EVERY: Final = tuple(range(N_SCALES))
ABOVE_MINUTES: Final = EVERY[1:]

SCALES: Final = (
    *(EVERY, EVERY, ABOVE_MINUTES, HOUR_DAYS, HOUR_DAYS_WEEKS, DAYS_WEEKS, DAYS_WEEKS),
    *[EVERY] * N_GAPS,
)
"""Which scales each type uses."""


class Rates(NamedTuple):
    """Hold rates per second, each type's at the scales that it uses; `user` (N_GAPS, N_SCALES)."""

    pair: ScoreArray
    page: ScoreArray
    newcomer: ScoreArray
    first_user: ScoreArray
    transition: ScoreArray
    covisit: ScoreArray
    habit: ScoreArray
    user: ScoreArray


def rates_per_second(per_day: ScoreArray) -> Rates:
    """Return the encoder's rates (N_TYPES, N_SCALES or 1) as the streaming pass wants them."""
    rates = np.broadcast_to(per_day / DAY_S, (N_TYPES, N_SCALES)).astype(np.float32)
    return Rates(
        pair=rates[PAIR].copy(),
        page=rates[PAGE].copy(),
        newcomer=rates[NEWCOMER, list(ABOVE_MINUTES)],
        first_user=rates[FIRST_USER, list(HOUR_DAYS)],
        transition=rates[TRANSITION, list(HOUR_DAYS_WEEKS)],
        covisit=rates[COVISIT, list(DAYS_WEEKS)],
        habit=rates[HABIT, list(DAYS_WEEKS)],
        user=rates[USER:].copy(),
    )
