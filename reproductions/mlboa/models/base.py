"""Say what every classifier of the task can do."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.domain.resources import Resources
from mlboa.features import Examples


class Classifier(ABC):
    """Learn from examples whether the label is positive.

    Epochs and settings are chosen on `validation`. `resources.report(epoch, loss, accuracy)` hears
    of each epoch's validation accuracy, and `resources.should_stop()` ends a training after it.
    """

    @abstractmethod
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        """Learn anew."""

    @abstractmethod
    def predict_proba(self, examples: Examples) -> FloatArray:
        """Return the probability of a positive label, shape (n,)."""


def accuracy(p_positive: FloatArray, examples: Examples) -> float:
    """Return the share of examples whose likelier label is the true one."""
    return float(np.mean((p_positive > 0.5) == examples.is_positive))


def summaries(examples: Examples, *, with_words: bool) -> FloatArray:
    """Return each example's mean step, latest step, question and log number of steps.

    Word vectors are left out on demand, for whoever reads words by other means.
    """
    features = examples.features
    if not with_words:
        features = features[:, : features.shape[1] - examples.word_dim]
    rows = np.arange(len(examples))
    asked = examples.steps[rows, examples.lengths - 1]
    latest = examples.steps[rows, np.maximum(examples.lengths - 2, 0)]
    n_before = np.maximum(examples.lengths - 1, 1)[:, None]
    total = sum(features[column] for column in examples.steps.T) - features[asked]
    parts = (total / n_before, features[latest], features[asked], np.log(n_before))
    return np.concatenate(parts, axis=1, dtype=np.float64)
