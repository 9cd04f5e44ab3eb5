"""Draw shoppers whose next purchase depends on a hidden phase, so that order in time matters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from coadapt.data.batches import BoolArray, FloatArray, IntArray
from mlboa.words import CALM, COMMON, CONTENT, CROSS, KEEN

N_PACES: Final = 2
N_PHASES: Final = 8
N_MOODS: Final = 2
N_STATES: Final = N_PACES * N_PHASES * N_MOODS
MAX_WORDS: Final = 20
LISTS: Final = tuple(words.split() for words in (CONTENT, CROSS, CALM, KEEN, COMMON))
VOCABULARY: Final = tuple(word for words in LISTS for word in words)
NO_WORD: Final = -1


@dataclass(frozen=True)
class World:
    """Hold every parameter of the simulation; decision 12 says what they mean.

    A state is (pace, phase, mood), in that order of axes. Every run of three of the
    `rhythm` comes once, so that three interactions tell the phase, and one or two do not.
    """

    n_interactions: int = 11
    median_gap_days: float = 4.0
    gap_deviation: float = 1.0
    reset_days: float = 400.0
    p_advance: tuple[float, float] = (0.99, 0.95)
    p_mood_stays: float = 0.93
    rhythm: tuple[int, ...] = (0, 0, 0, 1, 0, 1, 1, 1)
    p_buy: tuple[tuple[float, float], tuple[float, float]] = ((0.07, 0.03), (0.97, 0.8))
    log_dwell_s: tuple[float, float] = (2.9, 4.1)
    dwell_deviation: float = 0.8
    n_views: tuple[float, float] = (4.0, 5.0)
    p_comment: float = 0.7
    extra_words: float = 6.0
    word_shares: tuple[float, float, float] = (0.15, 0.12, 0.73)
    p_true_word: float = 0.85

    @cached_property
    def phases(self) -> IntArray:
        """Return the phase of each state."""
        return np.arange(N_STATES) // N_MOODS % N_PHASES

    @cached_property
    def moods(self) -> IntArray:
        """Return the mood of each state: 0 content, 1 cross."""
        return np.arange(N_STATES) % N_MOODS

    @cached_property
    def looks(self) -> IntArray:
        """Return how each state shows: 0 calm, 1 keen."""
        return self.phases % 2

    @cached_property
    def buying(self) -> FloatArray:
        """Return the probability of a purchase in each state."""
        return np.array(self.p_buy)[np.array(self.rhythm)[self.phases], self.moods]

    @cached_property
    def word_probabilities(self) -> FloatArray:
        """Return the probability of each word in each state, shape (N_STATES, n_words)."""
        of_mood, of_look, common = self.word_shares
        weights = [1 / np.arange(1, len(words) + 1) for words in LISTS]
        spread = [weight / weight.sum() for weight in weights]
        true, false = self.p_true_word, 1 - self.p_true_word
        shares = np.empty((N_STATES, len(LISTS)))
        shares[:, 0] = of_mood * np.where(self.moods == 0, true, false)
        shares[:, 1] = of_mood * np.where(self.moods == 1, true, false)
        shares[:, 2] = of_look * np.where(self.looks == 0, true, false)
        shares[:, 3] = of_look * np.where(self.looks == 1, true, false)
        shares[:, 4] = common
        return np.concatenate([shares[:, [i]] * spread[i] for i in range(len(LISTS))], axis=1)

    def ahead(self, belief: FloatArray, gap_days: FloatArray) -> FloatArray:
        """Return the distribution of the state after a gap, both of shape (n, N_STATES).

        The longer the absence, the likelier a reset, which leads back to phase 0.
        """
        p_reset = 1 - np.exp(-gap_days / self.reset_days)[:, None]
        return (1 - p_reset) * (belief @ self.moves) + p_reset * (belief @ self.resets)

    @cached_property
    def moves(self) -> FloatArray:
        """Return the transition matrix between states without a reset."""
        onwards = np.roll(np.eye(N_PHASES), 1, axis=1)
        phase = [p * onwards + (1 - p) * np.eye(N_PHASES) for p in self.p_advance]
        return self._with_mood(phase)

    @cached_property
    def resets(self) -> FloatArray:
        """Return the transition matrix between states at a reset."""
        to_first = np.zeros((N_PHASES, N_PHASES))
        to_first[:, 0] = 1.0
        return self._with_mood([to_first] * N_PACES)

    def _with_mood(self, phase_by_pace: list[FloatArray]) -> FloatArray:
        """Return the matrix over states; pace never changes, mood does on its own."""
        stays = self.p_mood_stays
        mood = stays * np.eye(N_MOODS) + (1 - stays) * (1 - np.eye(N_MOODS))
        matrix = np.zeros((N_PACES, N_PHASES * N_MOODS, N_PACES, N_PHASES * N_MOODS))
        for pace, phase in enumerate(phase_by_pace):
            matrix[pace, :, pace] = np.kron(phase, mood)
        return matrix.reshape(N_STATES, N_STATES)


@dataclass(frozen=True)
class Shoppers:
    """Hold what n shoppers did at each of T interactions, arrays of shape (n, T).

    `words` has shape (n, T, MAX_WORDS), filled up with NO_WORD. `gap_days` is the time since the
    interaction before, 0 at the first.
    """

    gap_days: FloatArray
    is_bought: BoolArray
    log_dwell_s: FloatArray
    n_views: IntArray
    words: IntArray


def draw_shoppers(world: World, n_shoppers: int, rng: np.random.Generator) -> Shoppers:
    """Draw shoppers from the stated process."""
    shape = (n_shoppers, world.n_interactions)
    gaps = rng.lognormal(np.log(world.median_gap_days), world.gap_deviation, shape)
    gaps[:, 0] = 0.0
    states = np.empty(shape, np.int64)
    is_bought = np.empty(shape, np.bool_)
    states[:, 0] = rng.integers(N_STATES, size=n_shoppers)
    is_bought[:, 0] = rng.random(n_shoppers) < world.buying[states[:, 0]]
    for time in range(1, world.n_interactions):
        chances = world.ahead(np.eye(N_STATES)[states[:, time - 1]], gaps[:, time])
        states[:, time] = _draw_columns(chances.cumsum(axis=1), rng)
        is_bought[:, time] = rng.random(n_shoppers) < world.buying[states[:, time]]
    looks = world.looks[states]
    log_dwell_s = rng.normal(np.array(world.log_dwell_s)[looks], world.dwell_deviation)
    n_views = rng.poisson(np.array(world.n_views)[looks])
    return Shoppers(gaps, is_bought, log_dwell_s, n_views, _draw_words(world, states, rng))


def _draw_words(world: World, states: IntArray, rng: np.random.Generator) -> IntArray:
    """Return the words of each comment; none where nothing was written."""
    n_words = np.minimum(3 + rng.poisson(world.extra_words, states.shape), MAX_WORDS)
    n_words[rng.random(states.shape) >= world.p_comment] = 0
    words = np.full((*states.shape, MAX_WORDS), NO_WORD)
    sums = world.word_probabilities.cumsum(axis=1)
    for state in range(N_STATES):
        here = states == state
        drawn = rng.random((int(here.sum()), MAX_WORDS))
        words[here] = np.minimum(np.searchsorted(sums[state], drawn), len(VOCABULARY) - 1)
    words[np.arange(MAX_WORDS) >= n_words[..., None]] = NO_WORD
    return words


def _draw_columns(sums: FloatArray, rng: np.random.Generator) -> IntArray:
    """Return one column a row of cumulated probabilities."""
    drawn = (rng.random((len(sums), 1)) > sums).sum(axis=1)
    return np.minimum(drawn, N_STATES - 1)
