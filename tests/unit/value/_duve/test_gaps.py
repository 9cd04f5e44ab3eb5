import numpy as np

from coadapt.domain.durations import MINUTE_MS
from coadapt.value._duve.gaps import Gaps


def test_the_first_event_comes_after_endless_silence() -> None:
    assert Gaps().fold(np.array([3]), np.array([0])).tolist() == [np.inf]


def test_silence_is_counted_by_user_and_across_batches() -> None:
    gaps = Gaps()
    gaps.fold(np.array([0, 1]), np.array([0, 0]))
    silent = gaps.fold(np.array([1, 0, 1]), np.array([2, 5, 3]) * MINUTE_MS)
    assert silent.tolist() == [2.0, 5.0, 1.0]


def test_a_forgotten_user_is_new() -> None:
    gaps = Gaps()
    gaps.fold(np.array([0]), np.array([0]))
    gaps.clear(np.array([0]))
    assert gaps.fold(np.array([0]), np.array([MINUTE_MS])).tolist() == [np.inf]
