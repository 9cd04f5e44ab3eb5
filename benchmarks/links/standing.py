"""Read where a user stands: the sums that the encoder reads, and a few exact registers."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import ScoreArray
from links.compiling import compiled
from links.kinds import (
    COVISIT,
    DAY_S,
    FIRST_USER,
    HABIT,
    N_GAPS,
    N_SCALES,
    NEWCOMER,
    PAGE,
    PAIR,
    SCALES,
    TRANSITION,
    USER,
)
from links.memory import NOBODY
from links.sums import Faded, fade
from links.view import Query, Scene

REGISTERS: Final = (
    *("log silence", "log edits", "log pages", "log run", "is new", "has been elsewhere"),
    *("sine of the day", "cosine of the day", "sine of half a day", "cosine of half a day"),
    *("edited the page last", "page's log age", "others' edits since", "log edits of the page"),
)

REGISTER_AGES: Final = frozenset(("log silence", "page's log age"))

N_CHANNELS: Final = 4
"""The encoder's raw channels: the event, whether the page is new, the log gap, a switch."""

COLUMNS: Final = np.array([[*scales, *[-1] * (N_SCALES - len(scales))] for scales in SCALES])
"""The scales of each type, one beside the other."""

NEVER_LOG_SILENCE: Final = math.log(1e6)


class Standing(NamedTuple):
    """Hold sums and their slopes (N_TYPES, N_SCALES, N_CHANNELS), and registers."""

    sums: ScoreArray
    slopes: ScoreArray
    registers: ScoreArray


@compiled
def stand(scene: Scene, query: Query, standing: Standing) -> None:
    """Fill in one query's standing: the user's own sums by type, and those of the page at hand."""
    standing.sums[:] = 0.0
    standing.slopes[:] = 0.0
    standing.registers[:] = 0.0
    _registers_of_the_user(scene, query, standing.registers)
    memory, rates = scene.memory, scene.rates
    for gap in range(N_GAPS):
        row = query.user * N_GAPS + gap
        _put(standing, USER + gap, memory.users, row, rates.user[gap], query.time)
    if query.page == NOBODY:
        return
    _registers_of_the_page(scene, query, standing.registers)
    page, pair, time = query.page, query.pair, query.time
    _put(standing, PAIR, memory.pairs, pair, rates.pair, time)
    _put(standing, PAGE, memory.pages, page, rates.page, time)
    _put(standing, NEWCOMER, memory.newcomers, page, rates.newcomer, time)
    _put(standing, FIRST_USER, memory.first_users, page, rates.first_user, time)
    _put(standing, TRANSITION, memory.departures, page, rates.transition, time)
    _put(standing, COVISIT, memory.companions, page, rates.covisit, time)
    _put(standing, HABIT, memory.leavings, pair, rates.habit, time)


@compiled
def _put(
    standing: Standing, kind: int, sums: Faded, row: int, rates: ScoreArray, time: float
) -> None:
    """Put a row's sums in the place of its type."""
    found = np.zeros((len(rates), 2), np.float32)
    for channel in range(min(N_CHANNELS, sums.value.shape[2])):
        fade(sums, row, channel, time, rates, found)
        for place in range(len(rates)):
            standing.sums[kind, COLUMNS[kind, place], channel] = found[place, 0]
            standing.slopes[kind, COLUMNS[kind, place], channel] = -rates[place] * found[place, 1]


@compiled
def _registers_of_the_user(scene: Scene, query: Query, registers: ScoreArray) -> None:
    """Fill in what is known of the user, and the time of day."""
    memory, user = scene.memory, query.user
    is_new = memory.user_events[user] == 0
    silence = math.log1p(query.time - memory.user_newest[user])
    registers[0] = NEVER_LOG_SILENCE if is_new else silence
    registers[1] = math.log1p(memory.user_events[user])
    registers[2] = math.log1p(query.n_known)
    registers[3] = math.log1p(memory.user_run[user])
    registers[4] = 1.0 * is_new
    registers[5] = 1.0 * (query.page_before != NOBODY)
    angle = 2.0 * math.pi * (query.time % DAY_S) / DAY_S
    registers[6] = math.sin(angle)
    registers[7] = math.cos(angle)
    registers[8] = math.sin(2.0 * angle)
    registers[9] = math.cos(2.0 * angle)


@compiled
def _registers_of_the_page(scene: Scene, query: Query, registers: ScoreArray) -> None:
    """Fill in what happened to the page at hand since the user edited it."""
    memory, page, pair = scene.memory, query.page, query.pair
    since = memory.page_events[page] - memory.page_events_then[pair]
    registers[10] = 1.0 * (memory.editor[page] == query.user)
    registers[11] = math.log1p(query.time - memory.pages.newest[page])
    registers[12] = math.log1p(since)
    registers[13] = math.log1p(memory.pair_events[pair])
