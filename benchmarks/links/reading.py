"""Read the log once, in order: before each event, what its user could be shown and stands for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coadapt.data.batches import IntArray, ScoreArray
from links.candidates import Chosen, Sampling, choose
from links.compiling import compiled
from links.edits import Edits
from links.features import EXACT, FADED, Row, describe
from links.kinds import N_SCALES, N_TYPES, Rates
from links.memory import empty_memory, write_until
from links.standing import N_CHANNELS, REGISTERS, Standing, stand
from links.view import Scene, ask, blank_view, look

BLOCK: Final = 512
"""Events read at a time."""


class Block(NamedTuple):
    """Hold what was read before n events, a row each; see Row, Standing and Chosen.

    `pages` and `log_weights` (n, n_candidates); features (n, n_candidates, columns).
    """

    pages: IntArray
    log_weights: ScoreArray
    faded: ScoreArray
    slopes: ScoreArray
    exact: ScoreArray
    sums: ScoreArray
    sum_slopes: ScoreArray
    registers: ScoreArray


class Stretch(NamedTuple):
    """Say where a block begins, how old memory may be, how many candidates are drawn at random.

    With fewer than none, every page is a candidate.
    """

    begin: int
    refresh_s: float
    n_random: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Read parts of a log; memory is brought up to date at each event or every `refresh_s`."""

    edits: Edits
    rates: Rates
    refresh_s: float = 0.0

    def blocks(
        self, start: int, stop: int, sampling: Sampling | None, seed: int = 0
    ) -> Iterator[Block]:
        """Yield events from `start` to `stop`, all pages as candidates where none are sampled."""
        n_pages = self.edits.n_pages
        scene = Scene(empty_memory(self.edits), self.rates, self.edits, blank_view(n_pages))
        plan = sampling or Sampling(n_pages, 0)
        rng = np.random.default_rng(seed)
        for begin in range(start, stop, BLOCK):
            end = min(begin + BLOCK, stop)
            block = _blank_block(end - begin, plan.n_candidates)
            n_random = plan.n_random if sampling else -1
            _read(scene, Stretch(begin, self.refresh_s, n_random), rng, block)
            yield block


def _blank_block(n_events: int, n_candidates: int) -> Block:
    """Return a block to be filled."""
    shape = (n_events, n_candidates)
    sums = (n_events, N_TYPES, N_SCALES, N_CHANNELS)
    return Block(
        pages=np.tile(np.arange(n_candidates), (n_events, 1)),
        log_weights=np.zeros(shape, np.float32),
        faded=np.zeros((*shape, len(FADED)), np.float32),
        slopes=np.zeros((*shape, len(FADED)), np.float32),
        exact=np.zeros((*shape, len(EXACT)), np.float32),
        sums=np.zeros(sums, np.float32),
        sum_slopes=np.zeros(sums, np.float32),
        registers=np.zeros((n_events, len(REGISTERS)), np.float32),
    )


@compiled
def _read(scene: Scene, stretch: Stretch, rng: np.random.Generator, block: Block) -> None:
    """Fill a block."""
    is_taken = np.zeros(scene.edits.n_pages, np.bool_)
    for place in range(len(block.pages)):
        event = stretch.begin + place
        user, time = scene.edits.users[event], float(scene.edits.times[event])
        write_until(scene.memory, scene.rates, scene.edits, as_of(time, stretch.refresh_s))
        query = ask(scene.memory, user, time)
        look(scene, query)
        standing = Standing(block.sums[place], block.sum_slopes[place], block.registers[place])
        stand(scene, query, standing)
        if stretch.n_random >= 0:
            chosen = Chosen(block.pages[place], block.log_weights[place], is_taken)
            choose(scene, query, scene.edits.pages[event], stretch.n_random, rng, chosen)
        for column in range(block.pages.shape[1]):
            row = Row(
                block.faded[place, column], block.slopes[place, column], block.exact[place, column]
            )
            describe(scene, query, block.pages[place, column], row)


@compiled
def as_of(time: float, refresh_s: float) -> float:
    """Return the instant that memory is as of: this one, or the last refresh."""
    return math.floor(time / refresh_s) * refresh_s if refresh_s > 0.0 else time
