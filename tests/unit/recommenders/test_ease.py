"""EASE is a ridge regression of each item on all others, in two forms."""

from dataclasses import replace

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.data.dataset import Vocabulary
from coadapt.domain.errors import DataError
from coadapt.domain.resources import Resources
from coadapt.recommenders.ease import EASE, EASEConfig
from coadapt.testing.tiny import two_tastes

PASTS = Histories.from_rows([np.array([0, 1]), np.array([8])])


def fitted(dataset, regularization=2.0):
    recommender = EASE(EASEConfig(regularization=regularization))
    recommender.fit(dataset, Resources())
    return recommender


def reference(dataset, regularization=2.0):
    x = dataset.matrix().toarray().astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + regularization * np.eye(x.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return PASTS.matrix(x.shape[1]).toarray() @ weights


def few_users():
    """Return six users of twelve items, so that the users' side is the smaller."""
    dataset = two_tastes()
    few = dataset.where((dataset.users < 3) | (dataset.users >= 37))
    users = np.where(few.users < 3, few.users, few.users - 34)
    return replace(few, users=users, user_ids=Vocabulary(list("abcdef")))


def more_items():
    """Return the same with two items that nobody met."""
    ids = Vocabulary([f"i{row}" for row in range(14)])
    return replace(few_users(), item_ids=ids)


def test_scores_are_those_of_the_closed_form():
    scores = fitted(two_tastes()).score(PASTS).values
    np.testing.assert_allclose(scores, reference(two_tastes()), rtol=1e-4, atol=1e-5)


def test_with_more_items_than_users_the_scores_are_the_same():
    recommender = fitted(more_items())
    assert "factors" in recommender.weights()
    np.testing.assert_allclose(
        recommender.score(PASTS).values, reference(more_items()), rtol=1e-4, atol=1e-5
    )


def test_a_tiny_regularization_is_solved_in_double_precision():
    scores = fitted(two_tastes(), 1e-4).score(PASTS).values
    np.testing.assert_allclose(scores, reference(two_tastes(), 1e-4), rtol=1e-3, atol=1e-4)


def test_an_item_does_not_speak_for_itself():
    scores = fitted(two_tastes()).score(Histories.from_rows([np.array([3])])).values
    assert scores[0, 3] == 0


def test_a_catalogue_too_large_to_invert_is_refused_with_a_way_out():
    with pytest.raises(DataError, match="choose als or item_knn"):
        EASE(EASEConfig(max_rows=11)).fit(two_tastes(), Resources())


def test_the_guard_is_of_the_matrix_that_would_be_inverted():
    """Twelve items of six users are solved on the items' side, fourteen on the users'."""
    with pytest.raises(DataError, match="a matrix of 12 rows"):
        EASE(EASEConfig(max_rows=11)).fit(few_users(), Resources())
    EASE(EASEConfig(max_rows=6)).fit(more_items(), Resources())
