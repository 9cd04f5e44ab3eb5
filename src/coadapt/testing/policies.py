"""Check that a policy keeps the contract of `coadapt.policies.base`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from coadapt.data.batches import (
    FloatArray,
    Histories,
    IntArray,
    Ranking,
    ScoreArray,
    Scores,
    Situation,
)
from coadapt.policies.base import Policy

Make = Callable[[], Policy[Any]]

N_DRAWS = 20_000


class PolicyContract:
    """Subclass this and override the fixture `policy` with one of yours, ready to choose."""

    @pytest.fixture
    def policy(self) -> Policy[Any]:
        """Return the policy to check."""
        raise NotImplementedError("override the fixture `policy` with one of yours")

    def test_a_slate_repeats_nothing(self, policy: Policy[Any]) -> None:
        """Each candidate is shown at most once."""
        rows = choose(policy, np.tile(np.array([3, 1, 2, 2], np.float32), (50, 1)), 4).rows
        np.testing.assert_array_equal(np.sort(rows), np.tile(np.arange(10, 14), (50, 1)))

    def test_what_cannot_be_shown_is_not_shown(self, policy: Policy[Any]) -> None:
        """NaN, infinities and padding never reach a slate; what lacks is empty and certain."""
        values = np.tile(np.array([np.nan, 1, -np.inf, 2, np.inf], np.float32), (50, 1))
        ranking = choose(policy, values, 3)
        assert set(ranking.rows[:, :2].ravel()) == {11, 13}
        assert set(ranking.rows[:, 2]) == {-1}
        assert set(ranking.propensities[:, 2]) == {1.0}

    def test_padding_is_not_shown(self, policy: Policy[Any]) -> None:
        """A candidate row of -1 is no candidate, whatever its score."""
        at = situation(1, 2, 2)
        at.candidate_rows[0, 1] = -1
        scores = Scores(np.array([[1, 9]], np.float32))
        assert policy.choose(at, scores, np.random.default_rng(0)).rows.tolist() == [[10, -1]]

    def test_no_candidates_make_an_empty_slate(self, policy: Policy[Any]) -> None:
        """Nothing to choose from is not an error."""
        at, scores = situation(2, 0, 3), Scores(np.empty((2, 0), np.float32))
        ranking = policy.choose(at, scores, np.random.default_rng(0))
        assert (ranking.rows == -1).all()
        assert (policy.log_propensity(at, scores, ranking) == 0).all()

    def test_log_propensity_is_that_of_the_choice(self, policy: Policy[Any]) -> None:
        """What is logged can be computed again from the same scores."""
        values = np.random.default_rng(1).normal(size=(40, 30)).astype(np.float32)
        at, scores = situation(40, 30, 6), Scores(values)
        ranking = policy.choose(at, scores, np.random.default_rng(2))
        log_p = policy.log_propensity(at, scores, ranking)
        np.testing.assert_allclose(log_p, np.log(ranking.propensities), atol=1e-12)

    def test_the_propensities_of_all_slates_sum_to_one(self, policy: Policy[Any]) -> None:
        """Propensities are probabilities."""
        slates = np.array(list(permutations(range(10, 15), 3)))
        assert slate_propensities(policy, slates).sum() == pytest.approx(1)

    def test_slates_appear_as_often_as_their_propensity_says(self, policy: Policy[Any]) -> None:
        """Sampling agrees with log_propensity: a chi-square test at one in a million."""
        slates = np.array(list(permutations(range(10, 15), 3)))
        expected = slate_propensities(policy, slates) * N_DRAWS
        drawn = choose(policy, np.tile(FIVE_SCORES, (N_DRAWS, 1)), 3).rows
        codes, powers = slates @ [10_000, 100, 1], np.array([10_000, 100, 1])
        observed = np.bincount(np.searchsorted(codes, drawn @ powers), minlength=len(slates))
        assert chi_square_p_value(observed, expected) > 1e-6

    def test_an_item_that_is_no_candidate_is_impossible(self, policy: Policy[Any]) -> None:
        """A logged item that this policy was not offered has probability zero."""
        ranking = Ranking(np.array([[99]]), np.zeros((1, 1), np.float32), np.ones((1, 1)))
        scores = Scores(np.array([[1, 2]], np.float32))
        assert policy.log_propensity(situation(1, 2, 1), scores, ranking) == -np.inf

    def test_a_repeated_item_is_impossible(self, policy: Policy[Any]) -> None:
        """What stands above cannot stand below."""
        ranking = Ranking(np.array([[10, 10]]), np.zeros((1, 2), np.float32), np.ones((1, 2)))
        scores = Scores(np.array([[2, 1]], np.float32))
        assert policy.log_propensity(situation(1, 2, 2), scores, ranking)[0, 1] == -np.inf

    def test_the_same_seed_gives_the_same_slate(self, policy: Policy[Any]) -> None:
        """All chance comes from the generator that is handed in."""
        values = np.random.default_rng(1).normal(size=(5, 8)).astype(np.float32)
        again = choose(policy, values, 3).rows
        np.testing.assert_array_equal(choose(policy, values, 3).rows, again)

    @pytest.mark.parametrize("size", [1e-30, 1e30])
    def test_scores_of_any_size_have_finite_propensities(
        self, policy: Policy[Any], size: float
    ) -> None:
        """Neither huge nor tiny scores overflow."""
        values = (np.random.default_rng(3).normal(size=(4, 9)) * size).astype(np.float32)
        propensities = choose(policy, values, 9).propensities
        assert ((propensities > 0) & (propensities <= 1 + 1e-12)).all()

    def test_choosing_leaves_the_scores_as_they_were(self, policy: Policy[Any]) -> None:
        """Scores belong to the caller."""
        values = np.array([[3, np.nan, 1]], np.float32)
        choose(policy, values, 2)
        np.testing.assert_array_equal(values, np.array([[3, np.nan, 1]], np.float32))


FIVE_SCORES = np.array([0.3, 1.4, -0.5, 1.4, 0.9], np.float32)


def situation(n_queries: int, n_candidates: int, count: int) -> Situation:
    """Return queries without a past whose candidates are the rows from 10 on."""
    nobody = Histories.from_rows([np.empty(0, np.int64)] * n_queries)
    rows = np.tile(np.arange(10, 10 + n_candidates), (n_queries, 1))
    return Situation(nobody, rows, count)


def choose(policy: Policy[Any], values: ScoreArray, count: int) -> Ranking:
    """Choose slates for scores of shape (n, n_candidates), always by the same chance."""
    at = situation(len(values), values.shape[1], count)
    return policy.choose(at, Scores(values), np.random.default_rng(4))


def slate_propensities(policy: Policy[Any], slates: IntArray) -> FloatArray:
    """Return the probability of each slate, a row of item rows, given FIVE_SCORES."""
    at = situation(len(slates), len(FIVE_SCORES), slates.shape[1])
    ranking = Ranking(slates, np.zeros(slates.shape, np.float32), np.ones(slates.shape))
    values = np.tile(FIVE_SCORES, (len(slates), 1))
    log_p = policy.log_propensity(at, Scores(values), ranking)
    propensities: FloatArray = np.exp(log_p.sum(axis=1))
    return propensities


def chi_square_p_value(observed: IntArray, expected: FloatArray) -> float:
    """Return the p-value of counts; 0 where something impossible was observed."""
    is_possible = expected > 0
    if observed[~is_possible].any():
        return 0.0
    residuals = observed[is_possible] - expected[is_possible]
    statistic = (residuals**2 / expected[is_possible]).sum()
    n_free = max(int(is_possible.sum()) - 1, 1)
    return float(stats.chi2.sf(statistic, n_free))
