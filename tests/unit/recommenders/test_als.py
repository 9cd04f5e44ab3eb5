"""ALS folds any history in, exactly."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.domain.resources import Resources
from coadapt.recommenders.als import ALS, ALSConfig
from coadapt.testing.tiny import two_tastes

PAST = np.array([0, 1])


def fitted(**options):
    recommender = ALS(ALSConfig(embedding_dim=3, **options))
    recommender.fit(two_tastes(), Resources(seed=5))
    return recommender


@pytest.mark.parametrize("alpha", [1.0, 10.0])
def test_a_history_gets_the_factors_that_minimise_the_loss(alpha):
    recommender = fitted(alpha=alpha, regularization=0.5)
    y = recommender.item_vectors().astype(np.float64)
    confidence = np.where(np.isin(np.arange(12), PAST), alpha, 1.0)
    system = y.T @ (confidence[:, None] * y) + 0.5 * np.eye(3)
    factors = np.linalg.solve(system, alpha * y[PAST].sum(axis=0))
    scores = recommender.score(Histories.from_rows([PAST])).values[0]
    assert scores == pytest.approx(y @ factors, rel=1e-3, abs=1e-4)


def test_the_own_taste_comes_before_the_other():
    top = fitted().top(Histories.from_rows([PAST]), 10).rows[0]
    assert set(top[:4]) == {2, 3, 4, 5}


def test_an_empty_history_gets_log_popularity():
    scores = fitted().score(Histories.from_rows([np.array([], np.int64)])).values[0]
    assert scores == pytest.approx(np.log1p(two_tastes().item_counts))


def test_progress_is_told_every_epoch():
    told = []
    resources = Resources(progress=lambda done, total, message: told.append((done, total)))
    ALS(ALSConfig(embedding_dim=2, max_epochs=3)).fit(two_tastes(), resources)
    assert told == [(1, 3), (2, 3), (3, 3)]
