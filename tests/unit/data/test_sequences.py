"""Windows hold every step once and packing wastes little."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data.batches import Histories
from coadapt.data.sequences import newest_windows, packed, padded, training_windows

LENGTHS = st.lists(st.integers(0, 40), min_size=1, max_size=30)


def pasts(lengths: list[int]) -> Histories:
    return Histories.from_rows([np.arange(n) for n in lengths])


@given(LENGTHS, st.integers(1, 12), st.integers(0, 5))
def test_every_step_is_in_exactly_one_window(lengths: list[int], longest: int, seed: int) -> None:
    histories = pasts(lengths)
    windows = training_windows(histories, longest, np.random.default_rng(seed))
    covered = np.concatenate(
        [np.arange(s, s + n) for s, n in zip(windows.starts, windows.lengths, strict=True)]
        or [np.empty(0, int)]
    )
    last_events = histories.offsets[1:][histories.lengths > 0] - 1
    steps = np.setdiff1d(np.arange(len(histories.rows)), last_events)
    assert sorted(covered.tolist()) == steps.tolist()


@given(LENGTHS, st.integers(1, 12))
def test_no_window_is_longer_than_asked(lengths: list[int], longest: int) -> None:
    windows = training_windows(pasts(lengths), longest, np.random.default_rng(0))
    assert (windows.lengths <= longest).all()
    assert (windows.lengths > 0).all()


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(40, 200))
def test_packing_keeps_every_window_and_its_limit(lengths: list[int], max_cells: int) -> None:
    sizes = np.array(lengths)
    groups = list(packed(sizes, max_cells))
    assert sorted(np.concatenate(groups).tolist()) == list(range(len(sizes)))
    assert max(len(group) * sizes[group].max() for group in groups) <= max_cells


def test_a_window_wider_than_the_limit_stands_alone() -> None:
    assert [len(group) for group in packed(np.array([50, 60]), 10)] == [1, 1]


def test_the_newest_events_are_the_last() -> None:
    windows = newest_windows(pasts([5, 2]), 3)
    assert windows.starts.tolist() == [2, 5]
    assert windows.lengths.tolist() == [3, 2]


def test_padding_stands_after_the_real_rows() -> None:
    histories = pasts([3, 1])
    rows, real = padded(histories.rows, newest_windows(histories, 3), np.array([0, 1]), filler=9)
    assert rows.tolist() == [[0, 1, 2], [0, 9, 9]]
    assert real.tolist() == [[True, True, True], [True, False, False]]
