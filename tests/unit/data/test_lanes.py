"""Lanes hold every step of every user, in order, and say where a user begins."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coadapt.data.batches import Histories
from coadapt.data.lanes import LaneWindow, lane_windows


def users(lengths: list[int]) -> Histories:
    """User u's items are 100 u, 100 u + 1, …"""
    return Histories.from_rows([100 * u + np.arange(n) for u, n in enumerate(lengths)])


def epoch(lengths: list[int], n_lanes: int = 1, n_steps: int = 4) -> list[LaneWindow]:
    return list(lane_windows(users(lengths), n_lanes, n_steps, np.random.default_rng(0)))


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 9))
def test_one_lane_holds_every_step_once(lengths: list[int], n_steps: int) -> None:
    windows = epoch(lengths, 1, n_steps)
    seen = [row for window in windows for row in window.rows[:, 0].tolist()]
    steps = [100 * u + place for u, n in enumerate(lengths) for place in range(n - 1)]
    assert sorted(seen) == steps


@given(st.lists(st.integers(2, 30), min_size=1, max_size=20), st.integers(1, 4))
def test_what_follows_is_the_same_users_next_item(lengths: list[int], n_lanes: int) -> None:
    windows = epoch(lengths, n_lanes)
    assert all((window.following == window.rows + 1).all() for window in windows)


def test_a_state_is_kept_inside_a_user_only() -> None:
    windows = epoch([3, 4, 2])
    rows = np.concatenate([window.rows[:, 0] for window in windows])
    keep = np.concatenate([window.keep[:, 0] for window in windows])
    assert (keep == (rows % 100 != 0)).all()


def test_only_the_first_window_carries_nothing_in() -> None:
    assert [window.is_first for window in epoch([30, 30])][:2] == [True, False]
    assert epoch([30, 30])[-1].share_done == 1.0


def test_users_without_a_step_make_no_windows() -> None:
    assert epoch([0, 1, 1]) == []
