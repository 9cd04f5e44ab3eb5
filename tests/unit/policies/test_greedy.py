"""Greedy shows the best, always."""

import numpy as np

from coadapt.data.batches import Ranking, Scores
from coadapt.policies.greedy import Greedy, GreedyConfig
from coadapt.testing.policies import choose, situation

POLICY = Greedy(GreedyConfig())


def test_the_best_come_first():
    assert choose(POLICY, np.array([[1, 3, 2]], np.float32), 2).rows.tolist() == [[11, 12]]


def test_equal_scores_keep_the_order_of_columns():
    values = np.array([[1, 5, 5, 5, 1]], np.float32)
    assert choose(POLICY, values, 4).rows.tolist() == [[11, 12, 13, 10]]


def test_a_choice_is_certain():
    assert choose(POLICY, np.array([[1, 1]], np.float32), 2).propensities.tolist() == [[1, 1]]


def test_scores_come_along():
    assert choose(POLICY, np.array([[1, 3]], np.float32), 3).scores.tolist() == [[3, 1, -np.inf]]


def test_another_slate_is_impossible_from_where_it_departs():
    ranking = Ranking(np.array([[10, 12, 11]]), np.zeros((1, 3), np.float32), np.ones((1, 3)))
    log_p = POLICY.log_propensity(
        situation(1, 3, 3), Scores(np.array([[3, 2, 1]], np.float32)), ranking
    )
    assert log_p.tolist() == [[0, -np.inf, 0]]
