"""Measure how many held-out items are among the first k, whatever their order."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.evaluation.base import Metric, Ranked

__all__ = ["METRICS", "f1", "hit_rate", "precision", "recall"]


def hit_rate(ranked: Ranked, k: int) -> FloatArray:
    """Return 1 for users with at least one held-out item among the first k, else 0."""
    return (ranked.n_hits(k) > 0).astype(np.float64)


def recall(ranked: Ranked, k: int) -> FloatArray:
    """Return the share of the held-out items that are among the first k."""
    return ranked.n_hits(k) / ranked.n_targets


def precision(ranked: Ranked, k: int) -> FloatArray:
    """Return the share of the first k places that hold a held-out item."""
    return ranked.n_hits(k) / k


def f1(ranked: Ranked, k: int) -> FloatArray:
    """Return the harmonic mean of precision and recall: 2 hits / (k + held-out items)."""
    return 2 * ranked.n_hits(k) / (k + ranked.n_targets)


METRICS: Final = (
    Metric("hr", hit_rate),
    Metric("recall", recall),
    Metric("precision", precision),
    Metric("f1", f1),
)
