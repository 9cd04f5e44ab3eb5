"""Ranking metrics reward held-out items that stand high."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.evaluation.base import ItemFacts, Ranked
from coadapt.evaluation.metrics.ranking import auc, map_at_k, mrr, ndcg


def ranked(*ranks, n_items=5):
    """Return users with held-out items of these ranks."""
    lengths = [len(of_user) for of_user in ranks]
    return Ranked(
        ranks=np.concatenate(ranks).astype(np.float64),
        offsets=np.concatenate(([0], np.cumsum(lengths))),
        n_rankable=np.full(len(ranks), n_items),
        top=np.zeros((len(ranks), 1), np.int64),
        histories=Histories.from_rows([np.array([], np.int64)] * len(ranks)),
        items=ItemFacts(np.ones(n_items, np.int64)),
    )


def test_ndcg_discounts_by_the_logarithm_of_the_rank():
    assert ndcg(ranked([3], [1], [4]), 3) == pytest.approx([0.5, 1, 0])


def test_ndcg_compares_with_the_best_possible_order():
    gain = 1 + 1 / np.log2(5)
    assert ndcg(ranked([1, 4]), 10) == pytest.approx(gain / (1 + 1 / np.log2(3)))


def test_ndcg_of_more_held_out_items_than_places_can_be_one():
    assert ndcg(ranked([1, 2, 3]), 2) == pytest.approx([1])


def test_mrr_is_one_over_the_best_rank_however_deep():
    assert mrr(ranked([4, 2], [5]), 1).tolist() == [0.5, 0.2]


def test_map_averages_precision_at_hits():
    assert map_at_k(ranked([1, 3, 5]), 3) == pytest.approx([(1 + 2 / 3) / 3])


def test_map_does_not_depend_on_the_order_of_held_out_items():
    shuffled = map_at_k(ranked([2], [5, 1, 3]), 4)
    assert shuffled == pytest.approx(map_at_k(ranked([2], [1, 3, 5]), 4))


def test_map_of_tied_held_out_items_at_the_top_is_one():
    assert map_at_k(ranked([1.5, 1.5]), 2) == pytest.approx([1])


def test_auc_is_the_share_of_other_items_ranked_below():
    assert auc(ranked([1], [5], [2], [3]), 0) == pytest.approx([1, 0, 0.75, 0.5])


def test_auc_does_not_count_held_out_items_against_each_other():
    assert auc(ranked([1, 2], [1, 5]), 0) == pytest.approx([1, 0.5])


def test_auc_is_undefined_without_another_item():
    assert np.isnan(auc(ranked([1, 2], n_items=2), 0)).all()


def test_what_cannot_be_ranked_earns_nothing():
    nowhere = ranked([np.inf], [1, np.inf, np.inf])
    assert ndcg(nowhere, 5) == pytest.approx([0, 1 / (1 + 1 / np.log2(3) + 0.5)])
    assert map_at_k(nowhere, 5) == pytest.approx([0, 1 / 3])
    assert mrr(nowhere, 5).tolist() == [0, 1]


def test_auc_puts_what_cannot_be_ranked_below_all_others():
    assert auc(ranked([np.inf], [1, np.inf], [5, np.inf]), 0) == pytest.approx([0, 0.5, 0])
