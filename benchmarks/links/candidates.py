"""Choose which pages a query's truth is trained against: the likely ones and a few of the rest."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import BoolArray, IntArray, ScoreArray
from links.compiling import compiled
from links.view import Query, Scene


class Sampling(NamedTuple):
    """Say how many candidates a query has, and how many of them are drawn at random."""

    n_candidates: int
    n_random: int


TRAINING: Final = Sampling(64, 16)
VALIDATION: Final = Sampling(128, 32)


class Chosen(NamedTuple):
    """Hold candidates (n,), how many pages each stands for (a logarithm), and who is among them."""

    pages: IntArray
    log_weights: ScoreArray
    is_taken: BoolArray


@compiled
def choose(
    scene: Scene, query: Query, truth: int, n_random: int, rng: np.random.Generator, chosen: Chosen
) -> None:
    """Choose candidates; those drawn at random stand for all pages that were not chosen."""
    n_pages = scene.edits.n_pages
    n_candidates = len(chosen.pages)
    chosen.is_taken[:] = False
    n_chosen = _take_likely(scene, query, n_candidates - n_random, chosen)
    if not chosen.is_taken[truth]:
        n_chosen = _take(chosen, truth, n_chosen)
    log_weight = math.log((n_pages - n_chosen) / max(1, n_candidates - n_chosen))
    chosen.log_weights[:n_chosen] = 0.0
    chosen.log_weights[n_chosen:] = log_weight
    while n_chosen < n_candidates:
        page = int(rng.integers(0, n_pages))
        if not chosen.is_taken[page]:
            n_chosen = _take(chosen, page, n_chosen)


@compiled
def _take(chosen: Chosen, page: int, n_chosen: int) -> int:
    """Take a page."""
    chosen.pages[n_chosen] = page
    chosen.is_taken[page] = True
    return n_chosen + 1


@compiled
def _take_likely(scene: Scene, query: Query, n_wanted: int, chosen: Chosen) -> int:
    """Take the user's newest pages, half at most, and those that look likely by rule of thumb."""
    n_chosen = 0
    end = scene.edits.first_pair[query.user] + query.n_known
    for place in range(min(query.n_known, n_wanted // 2)):
        page = scene.edits.page_of[scene.memory.known[end - 1 - place]]
        n_chosen = _take(chosen, page, n_chosen)
    for page in np.argsort(-_likelihoods(scene))[: 2 * n_wanted]:
        if n_chosen < n_wanted and not chosen.is_taken[page]:
            n_chosen = _take(chosen, page, n_chosen)
    return n_chosen


@compiled
def _likelihoods(scene: Scene) -> ScoreArray:
    """Return how likely each page is to be new to the user and next: a product of powers."""
    view = scene.seen
    gone = view.transitions[:, -1, 0] / (view.departures[-1, 0] + 2.0)
    newcomers = view.newcomers[:, :, 0]
    return (
        np.log(newcomers[:, 2] + 0.02)
        + 0.5 * np.log(newcomers[:, 0] + 0.02)
        + 0.4 * np.log(newcomers[:, 4] + 0.2)
        + 0.7 * np.log(gone + 0.003)
        + 0.7 * np.log(view.company[:, 1, 0] + 0.003)
        + 0.4 * np.log(view.company[:, 0, 0] + 0.003)
        + 0.3 * np.log(view.first_users[:, 0, 0] + 0.02)
    )
