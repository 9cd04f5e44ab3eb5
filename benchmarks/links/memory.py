"""Remember what has happened so far, event by event: faded sums and exact registers."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import IntArray, ScoreArray
from links.compiling import compiled
from links.edits import Edits
from links.kinds import (
    ABOVE_MINUTES,
    DAYS_WEEKS,
    GAP_EDGES_S,
    HOUR_DAYS,
    HOUR_DAYS_WEEKS,
    N_GAPS,
    N_SCALES,
    Rates,
)
from links.sums import Faded, empty, fold

NOBODY: Final = -1

EVENT: Final = 0
LOG_GAP: Final = 2
IS_SWITCH: Final = 3
SWITCH_GAP: Final = 4
"""Channels of a pair's sums; a user's sums have the first four. 1 is whether the page is new."""

FRESH: Final = 0
"""Channel of co-visits that counts a page less the longer ago its user edited it; 1 counts all."""

FRESH_SCALE: Final = 4
"""The pair's scale by which it counts less."""


class Memory(NamedTuple):
    """Hold faded sums, then registers by user, by page and by pair.

    Of two pages, row `first * n_pages + second`; of users, row `user * N_GAPS + gap`. `departures`
    and `companions` are totals over second pages, `leavings` over a user's ways from a page.
    `known` lists each user's pairs, newest last, from `first_pair[user]` on.
    """

    pairs: Faded
    pages: Faded
    newcomers: Faded
    first_users: Faded
    transitions: Faded
    departures: Faded
    covisits: Faded
    companions: Faded
    ways: Faded
    leavings: Faded
    users: Faded
    user_newest: ScoreArray
    user_events: IntArray
    user_run: IntArray
    user_page: IntArray
    user_pair: IntArray
    user_page_before: IntArray
    n_known: IntArray
    known: IntArray
    page_events: IntArray
    page_users: IntArray
    editor: IntArray
    editor_before: IntArray
    pair_events: IntArray
    pair_entries: IntArray
    user_events_then: IntArray
    page_events_then: IntArray
    first_way: IntArray
    next_way: IntArray
    n_written: IntArray


def empty_memory(edits: Edits) -> Memory:
    """Return a memory of nothing, with room for everything."""
    n_users, n_pages = len(edits.first_pair) - 1, edits.n_pages
    n_pairs, n_ways = len(edits.page_of), len(edits.goal_of)
    return Memory(
        pairs=empty(n_pairs, N_SCALES, SWITCH_GAP + 1),
        pages=empty(n_pages, N_SCALES),
        newcomers=empty(n_pages, len(ABOVE_MINUTES)),
        first_users=empty(n_pages, len(HOUR_DAYS)),
        transitions=empty(n_pages**2, len(HOUR_DAYS_WEEKS)),
        departures=empty(n_pages, len(HOUR_DAYS_WEEKS)),
        covisits=empty(n_pages**2, len(DAYS_WEEKS), 2),
        companions=empty(n_pages, len(DAYS_WEEKS), 2),
        ways=empty(n_ways, len(DAYS_WEEKS)),
        leavings=empty(n_pairs, len(DAYS_WEEKS)),
        users=empty(n_users * N_GAPS, N_SCALES, IS_SWITCH + 1),
        user_newest=np.zeros(n_users, np.float32),
        user_events=np.zeros(n_users, np.int64),
        user_run=np.zeros(n_users, np.int64),
        user_page=np.full(n_users, NOBODY),
        user_pair=np.full(n_users, NOBODY),
        user_page_before=np.full(n_users, NOBODY),
        n_known=np.zeros(n_users, np.int64),
        known=np.full(n_pairs, NOBODY),
        page_events=np.zeros(n_pages, np.int64),
        page_users=np.zeros(n_pages, np.int64),
        editor=np.full(n_pages, NOBODY),
        editor_before=np.full(n_pages, NOBODY),
        pair_events=np.zeros(n_pairs, np.int64),
        pair_entries=np.zeros(n_pairs, np.int64),
        user_events_then=np.zeros(n_pairs, np.int64),
        page_events_then=np.zeros(n_pairs, np.int64),
        first_way=np.full(n_pairs, NOBODY),
        next_way=np.full(n_ways, NOBODY),
        n_written=np.zeros(1, np.int64),
    )


@compiled
def write_until(memory: Memory, rates: Rates, edits: Edits, time: float) -> None:
    """Remember all events before an instant; none of that instant itself."""
    event = memory.n_written[0]
    while event < len(edits.times) and edits.times[event] < time:
        _write(memory, rates, edits, event)
        event += 1
    memory.n_written[0] = event


@compiled
def gap_of(silence_s: float) -> int:
    """Return the class of a silence."""
    gap = 0
    while gap < len(GAP_EDGES_S) and silence_s > GAP_EDGES_S[gap]:
        gap += 1
    return gap


@compiled
def _write(memory: Memory, rates: Rates, edits: Edits, event: int) -> None:
    """Remember one event."""
    pair, time = edits.pairs[event], float(edits.times[event])
    if edits.ways[event] >= 0:
        _write_way(memory, rates, edits, event)
    if memory.pair_events[pair] == 0:
        _write_companions(memory, rates, edits, event)
        fold(memory.newcomers, edits.pages[event], time, rates.newcomer, (1.0,))
        memory.page_users[edits.pages[event]] += 1
    _write_sums(memory, rates, edits, event)
    _write_page(memory, edits, event)
    _write_user(memory, edits, event)


@compiled
def _write_way(memory: Memory, rates: Rates, edits: Edits, event: int) -> None:
    """Remember where the user came from."""
    user, page, way = edits.users[event], edits.pages[event], edits.ways[event]
    origin, time = memory.user_pair[user], float(edits.times[event])
    if memory.ways.value[way, 0, 0] == 0.0:
        memory.next_way[way] = memory.first_way[origin]
        memory.first_way[origin] = way
    fold(memory.ways, way, time, rates.habit, (1.0,))
    fold(memory.leavings, origin, time, rates.habit, (1.0,))
    left = memory.user_page[user]
    if left != page:
        fold(memory.transitions, left * edits.n_pages + page, time, rates.transition, (1.0,))
        fold(memory.departures, left, time, rates.transition, (1.0,))


@compiled
def _write_companions(memory: Memory, rates: Rates, edits: Edits, event: int) -> None:
    """Join a page that is new to the user with those that the user knows."""
    user, page, time = edits.users[event], edits.pages[event], float(edits.times[event])
    start = edits.first_pair[user]
    for pair in memory.known[start : start + memory.n_known[user]]:
        other = edits.page_of[pair]
        fresh = math.exp(-rates.pair[FRESH_SCALE] * (time - memory.pairs.newest[pair]))
        for first, second in ((page, other), (other, page)):
            row = first * edits.n_pages + second
            fold(memory.covisits, row, time, rates.covisit, (fresh, 1.0))
            fold(memory.companions, first, time, rates.covisit, (fresh, 1.0))


@compiled
def _write_sums(memory: Memory, rates: Rates, edits: Edits, event: int) -> None:
    """Add the event to the sums of its pair, its page and its user."""
    user, page, pair = edits.users[event], edits.pages[event], edits.pairs[event]
    time = float(edits.times[event])
    is_new = 1.0 * (memory.pair_events[pair] == 0)
    is_switch = 1.0 * (memory.user_page[user] != page)
    is_first = memory.user_events[user] == 0
    away = math.log1p(time - memory.pairs.newest[pair]) if is_new == 0.0 else 0.0
    silence = 0.0 if is_first else time - memory.user_newest[user]
    fold(memory.pairs, pair, time, rates.pair, (1.0, is_new, away, is_switch, is_switch * away))
    fold(memory.pages, page, time, rates.page, (1.0,))
    if is_first:
        fold(memory.first_users, page, time, rates.first_user, (1.0,))
    gap = N_GAPS - 1 if is_first else gap_of(silence)
    message = (1.0, is_new, math.log1p(silence), is_switch)
    fold(memory.users, user * N_GAPS + gap, time, rates.user[gap], message)


@compiled
def _write_page(memory: Memory, edits: Edits, event: int) -> None:
    """Count the event in the registers of its page and its pair."""
    user, page, pair = edits.users[event], edits.pages[event], edits.pairs[event]
    memory.page_events[page] += 1
    memory.pair_events[pair] += 1
    memory.pair_entries[pair] += int(memory.user_page[user] != page)
    memory.user_events_then[pair] = memory.user_events[user] + 1
    memory.page_events_then[pair] = memory.page_events[page]
    if memory.editor[page] != user:
        memory.editor_before[page] = memory.editor[page]
        memory.editor[page] = user


@compiled
def _write_user(memory: Memory, edits: Edits, event: int) -> None:
    """Count the event in the registers of its user, whose newest page it makes this one."""
    user, page, pair = edits.users[event], edits.pages[event], edits.pairs[event]
    if memory.user_page[user] != page:
        memory.user_page_before[user] = memory.user_page[user]
        memory.user_run[user] = 0
    memory.user_run[user] += 1
    memory.user_page[user] = page
    memory.user_pair[user] = pair
    memory.user_newest[user] = edits.times[event]
    memory.user_events[user] += 1
    start, end = edits.first_pair[user], edits.first_pair[user] + memory.n_known[user]
    if memory.pair_events[pair] == 1:
        memory.known[end] = pair
        memory.n_known[user] += 1
        return
    _make_last(memory.known[start:end], pair)


@compiled
def _make_last(known: IntArray, pair: int) -> None:
    """Move a pair to the end of those known."""
    carried = pair
    for place in range(len(known) - 1, -1, -1):
        known[place], carried = carried, known[place]
        if carried == pair:
            return
