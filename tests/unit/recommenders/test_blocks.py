"""Ranking by blocks finds what a full sort finds."""

import numpy as np
import pytest
from scipy import sparse

from coadapt.recommenders import _blocks
from coadapt.recommenders._blocks import TopQuestion, top_by_block


@pytest.mark.parametrize("k", [1, 7, 150, 1003])
def test_the_first_cut_loses_nothing(k):
    scores = np.random.default_rng(0).normal(size=(9, 1003)).astype(np.float32)
    nobody = sparse.csr_matrix((9, 1003), dtype=np.float32)
    top = top_by_block(lambda _: scores.copy(), nobody, TopQuestion(k, None, skip_seen=True))
    np.testing.assert_array_equal(top.rows, np.argsort(-scores, axis=1)[:, :k])


def test_more_than_a_block_of_users_keeps_their_order(monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK_SCORES", 100)
    past = sparse.csr_matrix(np.eye(50, dtype=np.float32))
    question = TopQuestion(1, None, skip_seen=False)
    top = top_by_block(lambda block: block.toarray(), past, question)
    assert top.rows[:, 0].tolist() == list(range(50))
