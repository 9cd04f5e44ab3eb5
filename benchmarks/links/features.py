"""Describe a candidate page: faded sums as logarithms and shares, then exact registers.

Each group of features is a function; `FADED` and `EXACT` name its columns in the same order.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from coadapt.data.batches import ScoreArray
from links.compiling import compiled
from links.kinds import (
    ABOVE_MINUTES,
    COVISIT,
    DAYS_WEEKS,
    EVERY,
    FIRST_USER,
    HABIT,
    HOUR_DAYS,
    HOUR_DAYS_WEEKS,
    NEWCOMER,
    PAGE,
    PAIR,
    TRANSITION,
)
from links.memory import EVENT, IS_SWITCH, LOG_GAP, NOBODY, SWITCH_GAP
from links.view import Query, Scene

SHARED_SCALES: Final = (1, 3, 5)

FADED: Final = tuple(
    (name, kind, scale)
    for name, kind, scales in (
        ("log pair", PAIR, EVERY),
        ("share of the user's pairs", PAIR, SHARED_SCALES),
        ("log page", PAGE, EVERY),
        ("log newcomers", NEWCOMER, ABOVE_MINUTES),
        ("log first users", FIRST_USER, HOUR_DAYS),
        ("log transitions", TRANSITION, HOUR_DAYS_WEEKS),
        ("log share of transitions", TRANSITION, HOUR_DAYS_WEEKS),
        ("log company", COVISIT, DAYS_WEEKS),
        ("log habit", HABIT, DAYS_WEEKS),
    )
    for scale in scales
)
"""Features that depend on one rate each: name, interaction type, scale."""

EXACT: Final = (
    *("is known", "log age", "log edits", "log recency rank", "log user's edits since"),
    *("mean log gap", "age over mean gap", "mean log absence", "age over mean absence"),
    *("is at hand", "is the one before", "log entries", "log run"),
    *("page's log age", "user edited it last", "user edited it before last", "others' edits since"),
    *("newcomers' log age", "newcomers' share", "log users", "log edits a user"),
    *("newcomers over the most, short", "newcomers over the most, medium", "share of habit"),
    *("log onward", "log greatest likeness", "log mean likeness"),
)

AGES: Final = frozenset(
    (
        "log age",
        "log recency rank",
        "log user's edits since",
        "age over mean gap",
        "age over mean absence",
        "page's log age",
        "newcomers' log age",
    )
)
"""Those that tell the time since an event without any decay."""

NEVER_LOG_AGE: Final = 15.0
NEVER_LOG_RANK: Final = 4.0
NEVER_LOG_EDITS: Final = 8.0
LONGEST_AGE_S: Final = 1e7


class Row(NamedTuple):
    """Hold one candidate's features, and how the faded ones change with the log of their rate."""

    faded: ScoreArray
    slopes: ScoreArray
    exact: ScoreArray


@compiled
def describe(scene: Scene, query: Query, page: int, row: Row) -> None:
    """Fill in one candidate's features."""
    at = _pair_sums(scene, page, row)
    at = _page_sums(scene, page, row, at)
    _onward_sums(scene, page, row, at)
    at = _acquaintance(scene, query, page, row)
    at = _rhythm(scene, query, page, row, at)
    at = _place(scene, query, page, row, at)
    at = _page_registers(scene, query, page, row, at)
    at = _newcomers(scene, query, page, row, at)
    _company(scene, page, row, at)


@compiled
def _log(row: Row, at: int, sums: ScoreArray, rate: float, floor: float) -> int:
    """Put the logarithm of a sum."""
    total = sums[0] + floor
    row.faded[at] = math.log(total)
    row.slopes[at] = -rate * sums[1] / total
    return at + 1


@compiled
def _share(row: Row, at: int, part: ScoreArray, whole: ScoreArray, rate: float, more: float) -> int:
    """Put a sum's share of another that fades alike."""
    weight = 1.0 / (whole[0] + more)
    row.faded[at] = part[0] * weight
    row.slopes[at] = -rate * weight * (part[1] - part[0] * weight * whole[1])
    return at + 1


@compiled
def _pair_sums(scene: Scene, page: int, row: Row) -> int:
    """Put how much the user edited the page, and which share of all that was."""
    view, rates = scene.seen, scene.rates.pair
    at = 0
    for scale in range(len(rates)):
        at = _log(row, at, view.pairs[page, scale], rates[scale], 1e-3)
    for scale in SHARED_SCALES:
        part, whole = view.pairs[page, scale], view.all_pairs[scale]
        at = _share(row, at, part, whole, rates[scale], 1e-3)
    return at


@compiled
def _page_sums(scene: Scene, page: int, row: Row, at: int) -> int:
    """Put how much everybody, people new to it and people new to all edited the page."""
    view, rates = scene.seen, scene.rates
    for scale in range(len(rates.page)):
        at = _log(row, at, view.pages[page, scale], rates.page[scale], 1e-3)
    for scale in range(len(rates.newcomer)):
        at = _log(row, at, view.newcomers[page, scale], rates.newcomer[scale], 1e-2)
    for scale in range(len(rates.first_user)):
        at = _log(row, at, view.first_users[page, scale], rates.first_user[scale], 1e-2)
    return at


@compiled
def _onward_sums(scene: Scene, page: int, row: Row, at: int) -> int:
    """Put how many go there from the page at hand, what goes with it, and the user's habit."""
    view, rates = scene.seen, scene.rates
    for scale in range(len(rates.transition)):
        at = _log(row, at, view.transitions[page, scale], rates.transition[scale], 1e-2)
    for scale in range(len(rates.transition)):
        part, whole = view.transitions[page, scale], view.departures[scale]
        _share(row, at, part, whole, rates.transition[scale], 1.0)
        total = row.faded[at] + 1e-3
        row.faded[at] = math.log(total)
        row.slopes[at] /= total
        at += 1
    for scale in range(len(rates.covisit)):
        at = _log(row, at, view.company[page, scale], rates.covisit[scale], 1e-3)
    for scale in range(len(rates.habit)):
        at = _log(row, at, view.ways[page, scale], rates.habit[scale], 1e-2)
    return at


@compiled
def _put(row: Row, at: int, value: float) -> int:
    """Put an exact feature."""
    row.exact[at] = value
    return at + 1


@compiled
def _acquaintance(scene: Scene, query: Query, page: int, row: Row) -> int:
    """Put how well the user knows the page."""
    memory, pair = scene.memory, scene.seen.pair[page]
    if pair == NOBODY:
        for at, value in enumerate((0.0, NEVER_LOG_AGE, 0.0, NEVER_LOG_RANK, NEVER_LOG_EDITS)):
            row.exact[at] = value
        return 5
    since = memory.user_events[query.user] - memory.user_events_then[pair]
    at = _put(row, 0, 1.0)
    at = _put(row, at, math.log1p(query.time - memory.pairs.newest[pair]))
    at = _put(row, at, math.log1p(memory.pair_events[pair]))
    at = _put(row, at, math.log1p(scene.seen.recency[page]))
    return _put(row, at, math.log1p(since))


@compiled
def _rhythm(scene: Scene, query: Query, page: int, row: Row, at: int) -> int:
    """Put how long the user stays away from the page, edit by edit and visit by visit."""
    pair = scene.seen.pair[page]
    row.exact[at : at + 4] = 0.0
    if pair == NOBODY or scene.memory.pair_events[pair] < 2:
        return at + 4
    sums = scene.memory.pairs.value[pair, -1]
    log_age = math.log1p(query.time - scene.memory.pairs.newest[pair])
    row.exact[at] = sums[LOG_GAP] / (sums[EVENT] + 1e-6)
    row.exact[at + 1] = log_age - row.exact[at]
    returns = sums[IS_SWITCH] - sums[EVENT + 1]
    if returns > 1e-3:
        row.exact[at + 2] = sums[SWITCH_GAP] / returns
        row.exact[at + 3] = log_age - row.exact[at + 2]
    return at + 4


@compiled
def _place(scene: Scene, query: Query, page: int, row: Row, at: int) -> int:
    """Put whether the user is there, and how often the user came and for how long."""
    memory, pair = scene.memory, scene.seen.pair[page]
    at = _put(row, at, 1.0 * (page == query.page))
    at = _put(row, at, 1.0 * (page == query.page_before))
    if pair == NOBODY:
        return _put(row, _put(row, at, 0.0), 0.0)
    at = _put(row, at, math.log1p(memory.pair_entries[pair]))
    return _put(row, at, math.log(memory.pair_events[pair] / memory.pair_entries[pair]))


@compiled
def _page_registers(scene: Scene, query: Query, page: int, row: Row, at: int) -> int:
    """Put when the page was edited last, and by whom."""
    memory, pair = scene.memory, scene.seen.pair[page]
    is_editor = memory.editor[page] == query.user
    was_editor = memory.editor_before[page] == query.user and not is_editor
    since = 0.0 if pair == NOBODY else memory.page_events[page] - memory.page_events_then[pair]
    at = _put(row, at, math.log1p(min(query.time - memory.pages.newest[page], LONGEST_AGE_S)))
    at = _put(row, at, 1.0 * is_editor)
    at = _put(row, at, 1.0 * was_editor)
    return _put(row, at, math.log1p(since))


@compiled
def _newcomers(scene: Scene, query: Query, page: int, row: Row, at: int) -> int:
    """Put how many come to the page who have not been there before."""
    memory, view = scene.memory, scene.seen
    age = query.time - memory.newcomers.newest[page]
    n_events, n_users = memory.page_events[page], memory.page_users[page]
    at = _put(row, at, math.log1p(min(age, LONGEST_AGE_S)))
    at = _put(row, at, view.newcomers[page, 3, 0] / (view.pages[page, 4, 0] + 1e-2))
    at = _put(row, at, math.log1p(n_users))
    at = _put(row, at, math.log1p(n_events / (n_users + 1.0)))
    for scale in (0, 2):
        most = view.best_newcomers[scale] + 0.01
        at = _put(row, at, math.log((view.newcomers[page, scale, 0] + 0.01) / most))
    return at


@compiled
def _company(scene: Scene, page: int, row: Row, at: int) -> int:
    """Put the user's own step, steps from earlier pages, and how alike pages' users are."""
    view = scene.seen
    at = _put(row, at, view.ways[page, -1, 0] / (view.leavings[-1, 0] + 0.3))
    at = _put(row, at, math.log(view.onward[page] + 1e-3))
    for column in range(2):
        at = _put(row, at, math.log(view.likeness[page, column] + 1e-3))
    return at
