from pathlib import Path

import numpy as np
from contest.split import HeldOut, Pasts, Ragged, Split, load_split, save_split

EVENTS = Ragged(np.array([4, 5, 6]), np.array([1, 2, 3]), np.full(3, 0.5), np.array([0, 1, 3]))
PART = HeldOut(Pasts(np.array([0, 1]), EVENTS), EVENTS)


def test_a_block_holds_the_events_of_its_users_alone() -> None:
    block = EVENTS.block(1, 2)
    assert block.items.tolist() == [5, 6]
    assert block.offsets.tolist() == [0, 2]


def test_a_split_survives_its_file(tmp_path: Path) -> None:
    save_split(Split(7, EVENTS, EVENTS, PART, PART), tmp_path / "split.npz")
    again = load_split(tmp_path / "split.npz")
    assert again.n_items == 7
    assert again.refit.items.tolist() == [4, 5, 6]
    assert again.test.pasts.users.tolist() == [0, 1]


def test_a_matrix_counts_a_repeated_item_once() -> None:
    twice = Ragged(np.array([1, 1]), np.array([1, 2]), np.full(2, np.nan), np.array([0, 2]))
    assert twice.matrix(3).toarray().tolist() == [[0.0, 1.0, 0.0]]
