"""Popularity scores by log counts, and finds a slate without sorting the catalogue."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.domain.resources import Resources
from coadapt.recommenders.popularity import Popularity, PopularityConfig
from coadapt.testing.tiny import two_tastes


def loaded(counts):
    recommender = Popularity(PopularityConfig())
    recommender.load_weights({"scores": np.log1p(counts).astype(np.float32)})
    return recommender


def test_a_score_is_the_log_of_one_plus_the_count():
    recommender = Popularity(PopularityConfig())
    recommender.fit(two_tastes(), Resources())
    scores = recommender.score(Histories.from_rows([np.array([0])])).values[0]
    assert np.expm1(scores) == pytest.approx(two_tastes().item_counts, rel=1e-5)


def test_of_equally_popular_items_the_first_comes_first():
    top = loaded([1, 2, 1, 2]).top(Histories.from_rows([np.array([], np.int64)]), 4)
    assert top.rows.tolist() == [[1, 3, 0, 2]]


def test_a_person_who_met_the_most_popular_hundreds_gets_the_next():
    met = np.arange(700)
    top = loaded(np.arange(1000, 0, -1)).top(Histories.from_rows([met, met[:2]]), 3)
    assert top.rows.tolist() == [[700, 701, 702], [2, 3, 4]]


def test_a_repeated_item_counts_as_seen_once():
    top = loaded([5, 4, 3]).top(Histories.from_rows([np.array([0, 0, 0, -1])]), 2)
    assert top.rows.tolist() == [[1, 2]]


def test_a_person_who_met_everything_gets_empty_places():
    top = loaded([2, 1]).top(Histories.from_rows([np.array([0, 1])]), 2)
    assert top.rows.tolist() == [[-1, -1]]
    assert np.isneginf(top.scores).all()
