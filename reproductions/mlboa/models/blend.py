"""Weigh two classifiers' logits against each other."""

from __future__ import annotations

from collections.abc import Callable
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
LEAST: Final = 1e-6


class Blend(Classifier):
    """Answer with expit(share·logit(first) + (1 - share)·logit(second)), share by validation."""

    def __init__(self, first: Classifier, second: Classifier) -> None:
        self._parts = (first, second)
        self._share = 0.5

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        for part in self._parts:
            part.fit(train, validation, resources)
        blend = self._blend(validation)

        def loss(share: float) -> float:
            found = log_loss(validation.is_positive, blend(share), labels=[False, True])
            return float(found)

        self._share = min(SHARES, key=loss)

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        return self._blend(examples)(self._share)

    def _blend(self, examples: Examples) -> Callable[[float], FloatArray]:
        """Return what each share answers."""
        both = [part.predict_proba(examples) for part in self._parts]
        first, second = (logit(np.clip(p, LEAST, 1 - LEAST)) for p in both)
        return lambda share: expit(share * first + (1 - share) * second)
