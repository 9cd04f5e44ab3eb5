"""Read quantiles of the sum of a random number of purchases."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.value._gamma_gamma import Prices, sums_in_units
from coadapt.value.forecasts import LEVELS

N_POINTS: Final = 256
"""Points of the lattice over counts and amounts from which quantiles are read."""

_EVENLY: Final[FloatArray] = (np.arange(N_POINTS) + 0.5) / N_POINTS
_GOLDEN: Final[FloatArray] = (np.arange(N_POINTS) * (np.sqrt(5) - 1) / 2 + 0.5) % 1


def unit_quantiles(prices: Prices, chances: FloatArray, n_past: FloatArray) -> FloatArray:
    """Return quantiles at LEVELS of what is to come, in units of v + past amounts: (n, N_LEVELS).

    `chances` of 0, 1, … purchases have shape (n, n_counts), `n_past` paid ones (n,). The lattice
    (Korobov 1959) spreads evenly over the counts above 0 and, by the golden ratio, over amounts.
    """
    none = chances[:, :1]
    some = np.maximum(1 - none, np.finfo(float).tiny)
    counts = 1 + _places(np.cumsum(chances[:, 1:], axis=1) / some)
    sums = np.sort(_sums(prices, n_past.astype(np.int64), counts), axis=1)
    share = (LEVELS - none) / some
    return np.where(share > 0, _read(sums, share.clip(0, 1)), 0.0)


def _places(reached: FloatArray) -> IntArray:
    """Return at which place each row first reaches each even point, shape (n, N_POINTS)."""
    n_rows, n_places = reached.shape
    lift = 2.0 * np.arange(n_rows)[:, np.newaxis]
    # Lifted rows follow one another in one sorted array.
    flat = np.searchsorted((reached.clip(0, 1) + lift).ravel(), (_EVENLY + lift).ravel())
    places = flat.reshape(n_rows, N_POINTS) - n_places * np.arange(n_rows)[:, np.newaxis]
    return places.clip(0, n_places - 1)


def _sums(prices: Prices, n_past: IntArray, counts: IntArray) -> FloatArray:
    """Return the sum at each point of the lattice, computed once for users who are alike."""
    keys = (n_past[:, np.newaxis] * (counts.max(initial=0) + 1) + counts) * N_POINTS
    keys += np.arange(N_POINTS)
    _, chosen, inverse = np.unique(keys.ravel(), return_index=True, return_inverse=True)
    rows, points = np.divmod(chosen, N_POINTS)
    sums = sums_in_units(prices, n_past[rows], counts.ravel()[chosen], _GOLDEN[points])
    return sums[inverse].reshape(counts.shape)


def _read(sums: FloatArray, share: FloatArray) -> FloatArray:
    """Return each row's quantiles, interpolated between its sorted points."""
    place = (share * N_POINTS - 0.5).clip(0, N_POINTS - 1)
    low = np.floor(place).astype(np.int64).clip(max=N_POINTS - 2)
    at_low = np.take_along_axis(sums, low, axis=1)
    at_high = np.take_along_axis(sums, low + 1, axis=1)
    return at_low + (place - low) * (at_high - at_low)
