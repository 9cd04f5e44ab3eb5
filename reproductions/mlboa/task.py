"""Draw the task of one seed, let a classifier learn it, and score it once on test."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from coadapt.data.batches import BoolArray, FloatArray
from coadapt.domain.resources import Resources
from mlboa.features import Encoder, EncoderConfig, Examples
from mlboa.mixing import Divided
from mlboa.models.base import Classifier
from mlboa.sequences import Source
from mlboa.wording import Sentiment


@dataclass(frozen=True)
class Task:
    """Hold the encoded examples of each side."""

    training: Examples
    validation: Examples
    test: Examples

    @classmethod
    def encode(
        cls, divided: Divided, config: EncoderConfig, sentiment: Sentiment, seed: int
    ) -> Task:
        """Encode all sides by what training users teach."""
        encoder = Encoder.learn(divided.training, config, sentiment, seed)
        sides = (divided.training, divided.validation, divided.test)
        return cls(*(encoder.encode(side) for side in sides))


@dataclass(frozen=True)
class Measured:
    """Hold a classifier's test figures, validation accuracy after each epoch, processor seconds."""

    figures: dict[str, float]
    curve: list[float]
    seconds: float


def play(classifier: Classifier, task: Task, resources: Resources) -> Measured:
    """Train and score one classifier; seconds are those of training."""
    curve: list[float] = []

    def hear(epoch: int, loss: float, accuracy: float | None) -> None:
        curve.append(accuracy or 0.0)
        if resources.report is not None:
            resources.report(epoch, loss, accuracy)

    started = time.process_time()
    classifier.fit(task.training, task.validation, replace(resources, report=hear))
    seconds = time.process_time() - started
    return Measured(score(classifier.predict_proba(task.test), task.test), curve, seconds)


def score(p_positive: FloatArray, examples: Examples) -> dict[str, float]:
    """Return the figures of all examples together and of each source."""
    figures = _figures(p_positive, examples.is_positive)
    for source in examples.present:
        is_here = examples.sources == source
        found = _figures(p_positive[is_here], examples.is_positive[is_here])
        figures |= {f"{name}, {source}": value for name, value in found.items()}
    if Source.SIMULATED in examples.present:
        figures |= _gap(p_positive, examples)
    return figures


def _figures(p_positive: FloatArray, is_positive: BoolArray) -> dict[str, float]:
    """Return how right the probabilities are. RMSE is that of a probability against 0 and 1."""
    is_said = p_positive > 0.5
    figures = {
        "accuracy": float(np.mean(is_said == is_positive)),
        "rmse": float(np.sqrt(np.mean((p_positive - is_positive) ** 2))),
        "log loss": float(log_loss(is_positive, p_positive, labels=[False, True])),
        "f1": float(f1_score(is_positive, is_said, zero_division=0.0)),
        "weighted f1": float(f1_score(is_positive, is_said, average="weighted", zero_division=0.0)),
    }
    if 0 < is_positive.mean() < 1:
        figures["auc"] = float(roc_auc_score(is_positive, p_positive))
    return figures


def _gap(p_positive: FloatArray, examples: Examples) -> dict[str, float]:
    """Return the share of the gap between majority and Bayes that is closed on simulated test."""
    is_here = examples.sources == Source.SIMULATED
    truth = examples.is_positive[is_here]
    right, bayes = _right(p_positive[is_here], truth), _right(examples.p_bayes[is_here], truth)
    majority = float(max(truth.mean(), 1 - truth.mean()))
    return {
        "bayes accuracy": bayes,
        "majority accuracy": majority,
        "gap closed": (right - majority) / (bayes - majority) if bayes != majority else np.nan,
    }


def _right(p_positive: FloatArray, is_positive: BoolArray) -> float:
    """Return the accuracy of probabilities."""
    return float(np.mean((p_positive > 0.5) == is_positive))
