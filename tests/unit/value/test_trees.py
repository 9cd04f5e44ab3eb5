"""Trees as arrays predict what scikit-learn predicts."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from coadapt.value._trees import Trees

INPUTS = np.random.default_rng(0).normal(size=(400, 5))
TARGETS = INPUTS[:, 0] ** 2 + INPUTS[:, 3] * INPUTS[:, 1]


def test_a_regression_is_the_same():
    model = HistGradientBoostingRegressor(max_iter=20).fit(INPUTS, TARGETS)
    np.testing.assert_allclose(Trees.of(model).predict(INPUTS), model.predict(INPUTS))


def test_a_classifier_is_the_same():
    model = HistGradientBoostingClassifier(max_iter=20).fit(INPUTS, TARGETS > 1)
    logits = model.decision_function(INPUTS)
    np.testing.assert_allclose(Trees.of(model).predict(INPUTS), logits, atol=1e-9)


def test_a_tree_that_found_no_split_is_a_leaf():
    model = HistGradientBoostingRegressor(max_iter=2).fit(INPUTS, np.ones(400))
    np.testing.assert_allclose(Trees.of(model).predict(INPUTS[:3]), 1.0)


def test_no_rows_get_no_predictions():
    model = HistGradientBoostingRegressor(max_iter=2).fit(INPUTS, TARGETS)
    assert Trees.of(model).predict(INPUTS[:0]).shape == (0,)
