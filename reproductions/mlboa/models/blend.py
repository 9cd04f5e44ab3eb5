"""Weigh two classifiers' logits against each other."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import expit, logit
from sklearn.metrics import log_loss
from typing_extensions import override

from coadapt.data.batches import FloatArray
from coadapt.domain.resources import Resources
from mlboa.features import Examples
from mlboa.models.base import Classifier

SHARES: Final = tuple(np.linspace(0, 1, 11).tolist())
EVEN: Final = 0.5
LEAST: Final = 1e-6


class Blend(Classifier):
    """Answer with expit(share·logit(first) + (1 - share)·logit(second)).

    Each source has its share, the one with the least log loss on validation.
    """

    def __init__(self, first: Classifier, second: Classifier) -> None:
        self._parts = (first, second)
        self._share_by_source: dict[str, float] = {}

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        for part in self._parts:
            part.fit(train, validation, resources)
        self._share_by_source = {
            source: self._best_share(validation.where(validation.sources == source))
            for source in validation.present
        }

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        shares = [self._share_by_source.get(each, EVEN) for each in examples.sources.tolist()]
        return self._weigh(np.array(shares), self._logits(examples))

    def _best_share(self, validation: Examples) -> float:
        """Return the share that forecasts validation best."""
        logits = self._logits(validation)

        def loss(share: float) -> float:
            p_positive = self._weigh(share, logits)
            return float(log_loss(validation.is_positive, p_positive, labels=[False, True]))

        return min(SHARES, key=loss)

    def _logits(self, examples: Examples) -> FloatArray:
        """Return both logits, shape (2, n)."""
        both = [part.predict_proba(examples) for part in self._parts]
        return logit(np.clip(both, LEAST, 1 - LEAST))

    @staticmethod
    def _weigh(share: FloatArray | float, logits: FloatArray) -> FloatArray:
        """Return the probabilities of a share."""
        return expit(share * logits[0] + (1 - share) * logits[1])
