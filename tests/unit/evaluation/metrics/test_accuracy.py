"""Accuracy counts held-out items among the first k. Ranks by hand: u0 has 1 and 4, u1 has 3."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.evaluation.base import ItemFacts, Ranked
from coadapt.evaluation.metrics.accuracy import f1, hit_rate, precision, recall

RANKED = Ranked(
    ranks=np.array([1.0, 4.0, 3.0]),
    offsets=np.array([0, 2, 3]),
    n_rankable=np.array([5, 5]),
    top=np.array([[0, 1], [2, 3]]),
    histories=Histories.from_rows([np.array([], np.int64)] * 2),
    items=ItemFacts(np.ones(5, np.int64)),
)


@pytest.mark.parametrize(("k", "expected"), [(1, [1, 0]), (2, [1, 0]), (3, [1, 1])])
def test_hit_rate_asks_for_one_hit(k, expected):
    assert hit_rate(RANKED, k).tolist() == expected


def test_recall_is_a_share_of_the_held_out():
    assert recall(RANKED, 3).tolist() == [0.5, 1.0]


def test_precision_is_a_share_of_the_places():
    assert precision(RANKED, 4).tolist() == [0.5, 0.25]


def test_f1_is_the_harmonic_mean_of_both():
    p, r = precision(RANKED, 4), recall(RANKED, 4)
    assert f1(RANKED, 4) == pytest.approx(2 * p * r / (p + r))


def test_f1_without_a_hit_is_zero():
    assert f1(RANKED, 1)[1] == 0
