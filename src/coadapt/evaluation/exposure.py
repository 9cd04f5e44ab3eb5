"""Measure how widely the catalogue is shown to all users together."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.evaluation.base import ExposureMetric


def coverage(exposures: FloatArray) -> FloatArray:
    """Return the share of the catalogue that is shown to anyone."""
    share: FloatArray = (exposures > 0).mean(axis=-1)
    return share


def gini(exposures: FloatArray) -> FloatArray:
    """Return the Gini coefficient of exposures: 0 all items alike, near 1 few items take all.

    Σ_i (2i - n - 1) x_i / (n Σ x) with x ascending; 0 where nothing is shown.
    """
    ascending = np.sort(exposures, axis=-1)
    n_items = exposures.shape[-1]
    weights = 2.0 * np.arange(1, n_items + 1) - n_items - 1
    total = np.maximum(ascending.sum(axis=-1), 1e-300)
    coefficient: FloatArray = (ascending @ weights) / (n_items * total)
    return coefficient


EXPOSURE_METRICS: Final = (ExposureMetric("coverage", coverage), ExposureMetric("gini", gini))
