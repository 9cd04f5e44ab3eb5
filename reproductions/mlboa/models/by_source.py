"""Let one classifier a source learn from that source alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from typing_extensions import override

from coadapt.data.batches import FloatArray
from coadapt.domain.resources import Resources
from mlboa.features import Examples
from mlboa.models.base import Classifier


class BySource(Classifier):
    """Ask the classifier of each example's source; one that was never seen answers 1/2."""

    def __init__(self, make: Callable[[], Classifier]) -> None:
        self._make = make
        self._part_by_source: dict[str, Classifier] = {}

    @override
    def fit(self, train: Examples, validation: Examples, resources: Resources) -> None:
        self._part_by_source = {source: self._make() for source in train.present}
        for source, part in self._part_by_source.items():
            held_out = validation.where(validation.sources == source)
            part.fit(train.where(train.sources == source), held_out, resources)

    @override
    def predict_proba(self, examples: Examples) -> FloatArray:
        answers = np.full(len(examples), 0.5)
        for source in self._part_by_source.keys() & set(examples.present):
            is_here = examples.sources == source
            part = self._part_by_source[source]
            answers[is_here] = part.predict_proba(examples.where(is_here))
        return answers
