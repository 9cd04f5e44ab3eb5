"""Ranking by blocks finds what a full sort finds."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.recommenders import _blocks
from coadapt.recommenders._blocks import TopQuestion, top_by_block


@pytest.mark.parametrize("k", [1, 7, 150, 1003])
def test_the_first_cut_loses_nothing(k):
    scores = np.random.default_rng(0).normal(size=(9, 1003)).astype(np.float32)
    nobody = Histories.from_rows([np.array([], np.int64)] * 9)
    top = top_by_block(lambda block: scores.copy(), nobody, 1003, TopQuestion(k, None, True))
    np.testing.assert_array_equal(top.rows, np.argsort(-scores, axis=1)[:, :k])


def test_more_than_a_block_of_users_keeps_their_order(monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK_SCORES", 100)
    pasts = Histories.from_rows([np.array([row]) for row in range(50)])
    top = top_by_block(lambda p: p.matrix(50).toarray(), pasts, 50, TopQuestion(1, None, False))
    assert top.rows[:, 0].tolist() == list(range(50))
