"""Item kNN sums similarities to what was met."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.domain.resources import Resources
from coadapt.recommenders.item_knn import ItemKNN, ItemKNNConfig
from coadapt.testing.tiny import two_tastes

PAST = Histories.from_rows([np.array([0, 1])])


def fitted(**options):
    recommender = ItemKNN(ItemKNNConfig(**options))
    recommender.fit(two_tastes(), Resources())
    return recommender


def test_cosine_scores_are_sums_of_cosines_of_columns():
    matrix = two_tastes().matrix().toarray()
    unit = matrix / np.linalg.norm(matrix, axis=0)
    scores = fitted(similarity="cosine", n_neighbours=12).score(PAST).values[0]
    assert scores[:6] == pytest.approx((unit.T @ unit)[[0, 1], :6].sum(axis=0), rel=1e-5)


@pytest.mark.parametrize("similarity", ["cosine", "tfidf", "bm25"])
def test_the_own_taste_comes_before_the_other(similarity):
    top = fitted(similarity=similarity).top(PAST, 10).rows[0]
    assert set(top[:4]) == {2, 3, 4, 5}


def test_items_without_a_neighbour_in_the_history_follow_by_popularity():
    scores = fitted().score(PAST).values[0]
    counts = two_tastes().item_counts[6:]
    assert (scores[6:] < 0).all()
    assert (np.diff(scores[6:][np.argsort(counts, kind="stable")]) >= 0).all()


def test_fewer_neighbours_are_kept_as_asked():
    indptr = fitted(n_neighbours=3).weights()["similarity.indptr"]
    assert np.diff(indptr).max() == 3


def test_an_unknown_similarity_is_refused():
    with pytest.raises(ValueError, match="similarity"):
        ItemKNNConfig(similarity="jaccard")
