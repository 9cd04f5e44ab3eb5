"""Look at all pages at one instant, as one user stands to them."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import IntArray, ScoreArray
from links.compiling import compiled
from links.edits import Edits
from links.kinds import ABOVE_MINUTES, DAYS_WEEKS, HOUR_DAYS, HOUR_DAYS_WEEKS, N_SCALES, Rates
from links.memory import FRESH_SCALE, NOBODY, Memory
from links.sums import fade, fade_rows

N_RECENT: Final = 12
"""So many of the user's newest pages are asked for company."""


class Query(NamedTuple):
    """Say who asks when, the page at hand (NOBODY at first), its pair, and the one before."""

    user: int
    time: float
    page: int
    pair: int
    page_before: int
    n_known: int


class View(NamedTuple):
    """Hold what memory tells of each page; sums are (n_pages, n_scales, 2): value and moment.

    `pair` is the user's pair with the page or NOBODY, `recency` 0 for the user's newest. `company`
    (n_pages, n_scales, 2): co-visits with the user's recent pages as shares; `likeness`
    (n_pages, 2): the greatest and the mean cosine; `onward`: transitions from earlier pages. The
    `all_` sums are totals.
    """

    pair: IntArray
    recency: IntArray
    pairs: ScoreArray
    pages: ScoreArray
    newcomers: ScoreArray
    first_users: ScoreArray
    transitions: ScoreArray
    ways: ScoreArray
    company: ScoreArray
    likeness: ScoreArray
    onward: ScoreArray
    all_pairs: ScoreArray
    departures: ScoreArray
    leavings: ScoreArray
    best_newcomers: ScoreArray


class Scene(NamedTuple):
    """Hold all that a query is answered from."""

    memory: Memory
    rates: Rates
    edits: Edits
    seen: View


def blank_view(n_pages: int) -> View:
    """Return a view to be filled."""
    numbers = np.zeros

    def sums(n_scales: int) -> ScoreArray:
        return numbers((n_pages, n_scales, 2), np.float32)

    return View(
        pair=np.full(n_pages, NOBODY),
        recency=np.zeros(n_pages, np.int64),
        pairs=sums(N_SCALES),
        pages=sums(N_SCALES),
        newcomers=sums(len(ABOVE_MINUTES)),
        first_users=sums(len(HOUR_DAYS)),
        transitions=sums(len(HOUR_DAYS_WEEKS)),
        ways=sums(len(DAYS_WEEKS)),
        company=sums(len(DAYS_WEEKS)),
        likeness=numbers((n_pages, 2), np.float32),
        onward=numbers(n_pages, np.float32),
        all_pairs=numbers((N_SCALES, 2), np.float32),
        departures=numbers((len(HOUR_DAYS_WEEKS), 2), np.float32),
        leavings=numbers((len(DAYS_WEEKS), 2), np.float32),
        best_newcomers=numbers(len(ABOVE_MINUTES), np.float32),
    )


@compiled
def ask(memory: Memory, user: int, time: float) -> Query:
    """Return the query of a user at an instant."""
    return Query(
        user,
        time,
        memory.user_page[user],
        memory.user_pair[user],
        memory.user_page_before[user],
        memory.n_known[user],
    )


@compiled
def look(scene: Scene, query: Query) -> None:
    """Fill the view for one query."""
    _look_at_pages(scene, query)
    _look_at_pairs(scene, query)
    _look_onward(scene, query)
    _look_for_company(scene, query)


@compiled
def _look_at_pages(scene: Scene, query: Query) -> None:
    """Fill in what everybody did to each page."""
    memory, rates, view = scene.memory, scene.rates, scene.seen
    fade_rows(memory.pages, 0, query.time, rates.page, view.pages)
    fade_rows(memory.newcomers, 0, query.time, rates.newcomer, view.newcomers)
    fade_rows(memory.first_users, 0, query.time, rates.first_user, view.first_users)
    for scale in range(len(view.best_newcomers)):
        view.best_newcomers[scale] = view.newcomers[:, scale, 0].max()


@compiled
def _look_at_pairs(scene: Scene, query: Query) -> None:
    """Fill in the user's own pages."""
    memory, edits, view = scene.memory, scene.edits, scene.seen
    view.pair[:] = NOBODY
    view.pairs[:] = 0.0
    view.all_pairs[:] = 0.0
    start = edits.first_pair[query.user]
    for place in range(query.n_known):
        pair = memory.known[start + place]
        page = edits.page_of[pair]
        view.pair[page] = pair
        view.recency[page] = query.n_known - 1 - place
        fade(memory.pairs, pair, 0, query.time, scene.rates.pair, view.pairs[page])
        view.all_pairs[:] += view.pairs[page]


@compiled
def _look_onward(scene: Scene, query: Query) -> None:
    """Fill in where people, and this user, went from the page at hand."""
    memory, rates, view = scene.memory, scene.rates, scene.seen
    view.ways[:] = 0.0
    view.leavings[:] = 0.0
    if query.page == NOBODY:
        view.transitions[:] = 0.0
        view.departures[:] = 0.0
        return
    start = query.page * scene.edits.n_pages
    fade_rows(memory.transitions, start, query.time, rates.transition, view.transitions)
    fade(memory.departures, query.page, 0, query.time, rates.transition, view.departures)
    fade(memory.leavings, query.pair, 0, query.time, rates.habit, view.leavings)
    way = memory.first_way[query.pair]
    while way != NOBODY:
        goal = view.ways[scene.edits.goal_of[way]]
        fade(memory.ways, way, 0, query.time, rates.habit, goal)
        way = memory.next_way[way]


@compiled
def _look_for_company(scene: Scene, query: Query) -> None:
    """Fill in what goes together with the user's recent pages, the newest counting most."""
    view = scene.seen
    view.company[:] = 0.0
    view.likeness[:] = 0.0
    view.onward[:] = 0.0
    end = scene.edits.first_pair[query.user] + query.n_known
    n_recent = min(query.n_known, N_RECENT)
    weights = np.zeros(n_recent)
    for place in range(n_recent):
        pair = scene.memory.known[end - 1 - place]
        age = query.time - scene.memory.pairs.newest[pair]
        fresh = math.exp(-scene.rates.pair[FRESH_SCALE] * age)
        weights[place] = (0.2 + fresh) / (1.0 + place)
    for place in range(n_recent):
        page = scene.edits.page_of[scene.memory.known[end - 1 - place]]
        weight = weights[place] / weights.sum()
        _add_company(scene, query, page, weight)
        if place > 0:
            _add_onward(scene, query, page, weight)


@compiled
def _add_company(scene: Scene, query: Query, page: int, weight: float) -> None:
    """Add the company of one page."""
    covisits, companions = scene.memory.covisits, scene.memory.companions
    rates, view = scene.rates.covisit, scene.seen
    whole = np.zeros((2, len(rates), 2), np.float32)
    part = np.zeros((2, len(rates), 2), np.float32)
    for channel in range(2):
        fade(companions, page, channel, query.time, rates, whole[channel])
    for other in range(scene.edits.n_pages):
        row = page * scene.edits.n_pages + other
        if covisits.value[row, 1, 1] == 0.0:
            continue
        for channel in range(2):
            # The fresh ones are summed at the first scale, all at the second.
            fade(covisits, row, channel, query.time, rates, part[channel])
            value, moment = part[channel, channel]
            share = 1.0 / (whole[channel, channel, 0] + 1.0 + channel)
            fall = share * whole[channel, channel, 1]
            view.company[other, channel, 0] += weight * share * value
            view.company[other, channel, 1] += weight * share * (moment - value * fall)
        cosine = part[1, 1, 0] / math.sqrt(
            (whole[1, 1, 0] + 1.0) * (companions.value[other, 1, 1] + 1.0)
        )
        view.likeness[other, 0] = max(view.likeness[other, 0], cosine)
        view.likeness[other, 1] += weight * cosine


@compiled
def _add_onward(scene: Scene, query: Query, page: int, weight: float) -> None:
    """Add where people went from an earlier page, at the longest scale."""
    transitions, departures = scene.memory.transitions, scene.memory.departures
    scale = len(HOUR_DAYS_WEEKS) - 1
    rate = scene.rates.transition[scale]
    left = math.exp(-rate * (query.time - departures.newest[page]))
    weight = weight / (departures.value[page, scale, 0] * left + 2.0)
    for other in range(scene.edits.n_pages):
        row = page * scene.edits.n_pages + other
        value = transitions.value[row, scale, 0]
        if value > 0.0:
            lag = query.time - transitions.newest[row]
            scene.seen.onward[other] += weight * value * math.exp(-rate * lag)
