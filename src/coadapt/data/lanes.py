"""Read histories side by side in lanes.

Users follow one another, so that no time goes to padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import Histories, IntArray

FloatMask = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LaneWindow:
    """Hold some steps of all lanes; arrays have shape (time, lane).

    `following` is the item after each; `keep` is 0 where a user begins and 1 elsewhere. `is_first`:
    no state is carried in. `share_done` is the share of the epoch done with this window.
    """

    rows: IntArray
    following: IntArray
    keep: FloatMask
    is_first: bool
    share_done: float


def lane_windows(
    histories: Histories, n_lanes: int, n_steps: int, rng: np.random.Generator
) -> Iterator[LaneWindow]:
    """Yield one epoch: users in random order, end to end, cut into lanes that are read together.

    Session-parallel batches: Hidasi et al., "Session-based Recommendations with Recurrent Neural
    Networks" (2016). Windows start at a random phase, so that the gradient is cut elsewhere in
    every epoch. A remainder shorter than a lane waits for another epoch's order.
    """
    shuffled = histories.take(rng.permutation(np.flatnonzero(histories.lengths >= 2)))
    is_last = np.zeros(len(shuffled.rows), np.bool_)
    is_last[shuffled.offsets[1:] - 1] = True
    keep = np.ones(len(shuffled.rows), np.float32)
    keep[shuffled.offsets[:-1]] = 0.0
    rows, following = shuffled.rows[~is_last], np.roll(shuffled.rows, -1)[~is_last]
    keep = keep[~is_last]
    n_lanes = min(n_lanes, len(rows))
    if n_lanes == 0:
        return
    length = len(rows) // n_lanes
    # Shape (time, lane): step t of lane l is place l * length + t of the stream.
    places = np.arange(length * n_lanes).reshape(n_lanes, length).T
    phase = int(rng.integers(n_steps // 2, n_steps)) + 1
    edges = [0, *range(min(phase, length), length, n_steps), length]
    for begin, end in pairwise(edges):
        window = places[begin:end]
        yield LaneWindow(rows[window], following[window], keep[window], begin == 0, end / length)
