"""Classify summaries of sequences by scikit-learn: neighbours, boosted trees, logistic regression.

What has a setting to choose takes the one with the best validation accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from typing_extensions import override

from coadapt.data.batches import FloatArray
from coadapt.domain.resources import Resources
from mlboa.features import Examples
from mlboa.models.base import Classifier, accuracy, summaries

N_NEIGHBORS: Final = (5, 15, 45)
STRENGTHS: Final = (0.1, 0.3, 1.0, 3.0)
MAX_TERMS: Final = 50_000
MAX_TREES: Final = 200


class Majority(Classifier):
    """Answer with the share of positive labels among training examples."""

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        self._share = float(train.is_positive.mean())

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        return np.full(len(examples), self._share)


class KNN(Classifier):
    """Ask the nearest training examples, after standardising the summaries."""

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        inputs = summaries(train, with_words=True)

        def fitted(n_neighbors: float) -> Any:
            count = min(int(n_neighbors), len(train))
            model = make_pipeline(StandardScaler(), KNeighborsClassifier(count))
            return model.fit(inputs, train.is_positive)

        seen = summaries(validation, with_words=True)
        self._model = _best(fitted, N_NEIGHBORS, seen, validation)

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        return _p_positive(self._model, summaries(examples, with_words=True))


class BoostedTrees(Classifier):
    """Boost trees on the summaries, as many as suit validation best."""

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        self._model = HistGradientBoostingClassifier(
            max_iter=MAX_TREES,
            learning_rate=0.06,
            max_leaf_nodes=15,
            early_stopping=False,
            random_state=resources.seed,
        ).fit(summaries(train, with_words=True), train.is_positive)
        staged = self._staged(validation)
        self._n_trees = int(np.argmax([accuracy(p, validation) for p in staged])) + 1

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        staged = self._staged(examples)
        return next(p for n_trees, p in enumerate(staged, start=1) if n_trees == self._n_trees)

    def _staged(self, examples: Examples) -> Iterable[FloatArray]:
        """Yield the probabilities after each tree."""
        inputs = summaries(examples, with_words=True)
        return (p[:, 1] for p in self._model.staged_predict_proba(inputs))


class LogisticTfidf(Classifier):
    """Weigh the words of all steps, one and two in a row, and the summaries' numbers."""

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        self._tfidf = TfidfVectorizer(
            ngram_range=(1, 2),
            min_df=3,
            max_features=MAX_TERMS,
            sublinear_tf=True,
            token_pattern=r"[a-z]+(?:'[a-z]+)?",
        ).fit(train.texts)
        self._scaler = StandardScaler().fit(summaries(train, with_words=False))
        inputs = self._inputs(train)

        def fitted(strength: float) -> Any:
            return LogisticRegression(C=strength, solver="liblinear").fit(inputs, train.is_positive)

        self._model = _best(fitted, STRENGTHS, self._inputs(validation), validation)

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        return _p_positive(self._model, self._inputs(examples))

    def _inputs(self, examples: Examples) -> sparse.csr_matrix:
        """Return weighed words beside scaled numbers."""
        numbers = self._scaler.transform(summaries(examples, with_words=False))
        return sparse.hstack((self._tfidf.transform(examples.texts), numbers), format="csr")


def _best(
    fitted: Callable[[float], Any], settings: Iterable[float], inputs: Any, validation: Examples
) -> Any:
    """Return the model of the setting with the best validation accuracy, the earlier one of two."""
    models = [fitted(setting) for setting in settings]
    return max(models, key=lambda model: accuracy(_p_positive(model, inputs), validation))


def _p_positive(model: Any, inputs: Any) -> FloatArray:
    """Return the probability of a positive label, zero where none was ever seen."""
    column = np.flatnonzero(model.classes_)
    found: FloatArray = model.predict_proba(inputs)
    return found[:, column[0]] if len(column) else np.zeros(len(found))
