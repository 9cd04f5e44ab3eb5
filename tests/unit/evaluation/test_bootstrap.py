"""The bootstrap draws users again and again."""

import numpy as np
import pytest
from scipy import sparse

from coadapt.evaluation import bootstrap
from coadapt.evaluation.bootstrap import (
    bootstrap_exposures,
    bootstrap_means,
    percentile_interval,
)


def test_the_spread_of_means_is_the_standard_error():
    values = np.random.default_rng(0).normal(3, 2, (400, 1))
    means = bootstrap_means(values, 2000, seed=1)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / 20, rel=0.1)


def test_undefined_users_do_not_count():
    values = np.array([[1.0, np.nan], [1.0, 2.0]] * 20)
    assert bootstrap_means(values, 50, seed=0) == pytest.approx(np.tile([1.0, 2.0], (50, 1)))


def test_columns_share_their_draws():
    values = np.random.default_rng(0).random((30, 1))
    means = bootstrap_means(np.hstack([values, values + 1]), 20, seed=0)
    assert means[:, 1] - means[:, 0] == pytest.approx(1)


def test_blocks_of_draws_add_up(monkeypatch):
    monkeypatch.setattr(bootstrap, "DRAWS_AT_ONCE", 7)
    assert bootstrap_means(np.ones((5, 1)), 11, seed=0) == pytest.approx(np.ones((11, 1)))


def test_an_interval_holds_the_middle_95_percent():
    low, high = percentile_interval(np.arange(1001.0)[:, np.newaxis])
    assert (low[0], high[0]) == (25, 975)


def test_exposures_are_counted_anew_for_each_draw():
    slates = sparse.csr_matrix(np.eye(6))
    totals = bootstrap_exposures(slates, lambda counts: counts.sum(axis=-1), 9, seed=0)
    assert totals == pytest.approx(6)
