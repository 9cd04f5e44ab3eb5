"""A held-out item's rank is 1 + higher + half of equal, over the whole catalogue."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.evaluation import ranks
from coadapt.evaluation.base import ItemFacts
from coadapt.evaluation.ranks import rank_block

FACTS = ItemFacts(np.ones(5, np.int64))


def rank(scores, past, targets, **options):
    """Rank the held-out items of one user."""
    return rank_block(
        np.array([scores], np.float32),
        Histories.from_rows([np.array(past, np.int64)]),
        Histories.from_rows([np.array(targets, np.int64)]),
        FACTS,
        n_shown=3,
        **options,
    )


def test_the_best_item_ranks_first():
    assert rank([5, 4, 3, 2, 1], [], [0, 4]).ranks.tolist() == [1, 5]


def test_equal_items_share_their_mean_rank():
    assert rank([1, 1, 1, 0, 2], [], [0]).ranks.tolist() == [3]


def test_constant_scores_put_every_item_in_the_middle():
    assert rank([0, 0, 0, 0, 0], [], [2]).ranks.tolist() == [3]


def test_seen_items_leave_the_ranking():
    result = rank([5, 4, 3, 2, 1], [0, 1, -1], [2])
    assert result.ranks.tolist() == [1]
    assert result.n_rankable.tolist() == [3]
    assert result.top.tolist() == [[2, 3, 4]]


def test_seen_items_stay_when_asked():
    assert rank([5, 4, 3, 2, 1], [0, 1], [2], skip_seen=False).ranks.tolist() == [3]


@pytest.mark.parametrize("target", [-1, 0, 3])
def test_what_cannot_be_ranked_is_found_nowhere(target):
    result = rank([9, 4, 3, np.nan, 1], [0], [target])
    assert result.ranks.tolist() == [np.inf]
    assert result.n_hits(5).tolist() == [0]


def test_many_held_out_items_are_ranked_piece_by_piece(monkeypatch):
    monkeypatch.setattr(ranks, "COMPARISONS_AT_ONCE", 5)
    assert rank([1, 2, 3, 4, 5], [], [0, 1, 2, 3, 4]).ranks.tolist() == [5, 4, 3, 2, 1]
