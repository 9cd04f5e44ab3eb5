"""Two evaluations are compared user by user."""

import numpy as np
import pytest
from scipy import stats

from coadapt.domain.errors import DataError
from coadapt.evaluation.comparison import compare, holm
from coadapt.evaluation.offline import Evaluation

RNG = np.random.default_rng(0)
BASE = RNG.random(200)
CLEARLY_BETTER = BASE + RNG.normal(0.1, 0.2, 200)
BETTER = BASE + RNG.normal(0.05, 0.2, 200)


def evaluation(users=200, **values):
    return Evaluation(np.arange(users), values, {})


def test_a_clear_gain_is_significant_by_every_test():
    (gain,) = compare(evaluation(ndcg=BASE), evaluation(ndcg=CLEARLY_BETTER))
    assert gain.difference == pytest.approx((CLEARLY_BETTER - BASE).mean())
    assert 0 < gain.low < gain.difference < gain.high
    assert max(gain.p_t, gain.p_wilcoxon, gain.p_sign_flip) < 0.02


def test_p_values_agree_with_scipy():
    (gain,) = compare(evaluation(ndcg=BASE), evaluation(ndcg=BETTER))
    assert gain.p_t == pytest.approx(stats.ttest_rel(BETTER, BASE).pvalue)
    assert gain.p_sign_flip == pytest.approx(gain.p_t, abs=0.01)


def test_equal_evaluations_do_not_differ():
    (gain,) = compare(evaluation(ndcg=BASE), evaluation(ndcg=BASE))
    assert (gain.difference, gain.low, gain.high) == (0, 0, 0)
    assert (gain.p_t, gain.p_wilcoxon, gain.p_sign_flip, gain.p_holm) == (1, 1, 1, 1)


def test_users_without_both_values_are_left_out():
    partial = np.where(np.arange(200) < 50, np.nan, BETTER)
    (gain,) = compare(evaluation(auc=BASE), evaluation(auc=partial))
    assert gain.n_users == 150
    assert gain.first == pytest.approx(BASE[50:].mean())


def test_a_metric_without_any_pair_is_left_out():
    nothing = np.full(200, np.nan)
    assert compare(evaluation(auc=BASE), evaluation(auc=nothing)) == []


def test_only_shared_metrics_are_compared():
    first, second = evaluation(a=BASE, b=BASE), evaluation(b=BETTER, c=BASE)
    assert [gain.metric for gain in compare(first, second)] == ["b"]


def test_a_metric_asked_for_must_be_in_both():
    with pytest.raises(DataError, match="shared: a"):
        compare(evaluation(a=BASE), evaluation(a=BASE, b=BASE), ["b"])


def test_different_users_cannot_be_compared():
    with pytest.raises(DataError, match="different users"):
        compare(evaluation(a=BASE), evaluation(users=199, a=BASE[1:]))


def test_holm_multiplies_the_smallest_by_the_number_of_tests():
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])


def test_holm_never_exceeds_one():
    assert holm(np.array([0.9, 0.6])) == pytest.approx([1, 1])
