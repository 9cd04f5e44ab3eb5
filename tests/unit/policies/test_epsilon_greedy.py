"""Epsilon-greedy shows the best, but now and then anything."""

import numpy as np
import pytest

from coadapt.data.batches import Ranking, Scores
from coadapt.policies.epsilon_greedy import EpsilonGreedy, EpsilonGreedyConfig
from coadapt.testing.policies import choose, situation

VALUES = np.array([[3, 2, 1, 0]], np.float32)


def propensities(epsilon, rows):
    policy = EpsilonGreedy(EpsilonGreedyConfig(epsilon=epsilon))
    ranking = Ranking(np.array([rows]), np.zeros((1, len(rows)), np.float32), np.ones((1, 1)))
    return np.exp(policy.log_propensity(situation(1, 4, len(rows)), Scores(VALUES), ranking)[0])


def test_the_best_left_gets_what_the_lottery_leaves():
    assert propensities(0.2, [10, 11]) == pytest.approx([0.8 + 0.2 / 4, 0.8 + 0.2 / 3])


def test_any_other_gets_an_even_share_of_the_lottery():
    assert propensities(0.2, [12, 13]) == pytest.approx([0.2 / 4, 0.2 / 3])


def test_after_a_lottery_the_best_is_still_preferred():
    assert propensities(0.2, [12, 10])[1] == pytest.approx(0.8 + 0.2 / 3)


def test_without_epsilon_it_is_greedy():
    policy = EpsilonGreedy(EpsilonGreedyConfig(epsilon=0))
    assert choose(policy, np.repeat(VALUES, 99, axis=0), 4).rows.tolist() == [[10, 11, 12, 13]] * 99
    assert propensities(0, [11])[0] == 0


def test_with_epsilon_one_every_candidate_comes_first_equally_often():
    policy = EpsilonGreedy(EpsilonGreedyConfig(epsilon=1))
    first = choose(policy, np.repeat(VALUES, 8000, axis=0), 1).rows[:, 0]
    assert np.bincount(first - 10) / 8000 == pytest.approx(0.25, abs=0.025)
