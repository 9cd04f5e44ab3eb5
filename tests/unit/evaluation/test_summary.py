"""A summary is a mean with an interval that holds it."""

import numpy as np
import pytest
from scipy import sparse

from coadapt.evaluation.exposure import EXPOSURE_METRICS
from coadapt.evaluation.summary import summarize_exposures, summarize_means


def test_a_mean_lies_in_its_interval():
    values = {"ndcg@10": np.random.default_rng(0).random(300)}
    summary = summarize_means(values, 500, seed=0)["ndcg@10"]
    assert summary.value == pytest.approx(values["ndcg@10"].mean())
    assert summary.low < summary.value < summary.high


def test_users_without_a_value_are_left_out_of_the_mean():
    summary = summarize_means({"auc": np.array([0.5, np.nan, 0.5])}, 10, seed=0)["auc"]
    assert (summary.value, summary.low, summary.high) == (0.5, 0.5, 0.5)


def test_a_metric_defined_for_nobody_is_left_out():
    assert summarize_means({"auc": np.full(3, np.nan)}, 10, seed=0) == {}


def test_coverage_lies_in_its_interval():
    slates = sparse.random_array((200, 50), density=0.02, rng=np.random.default_rng(0))
    binary = sparse.csr_matrix(slates.astype(bool), dtype=np.float64)
    summary = summarize_exposures(binary, EXPOSURE_METRICS[0], 100, seed=0)
    assert 0 < summary.low < summary.value < summary.high <= 1
