"""Tell whether two methods differ by more than the chance of seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import t as student

from coadapt.data.batches import FloatArray
from coadapt.evaluation.comparison import holm


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold a mean difference over seeds, its standard error, and two-sided p-values.

    `p_holm` is corrected for the other tests of a table. Both are NaN where nothing varies.
    """

    value: float
    error: float
    p_value: float
    p_holm: float = np.nan


def paired_difference(gains: FloatArray, test_per_training: float = 0.0) -> Difference:
    """Return the mean of two or more paired gains, tested by the corrected resampled t-test.

    t = mean / √((1/n + test_per_training) s²), with n - 1 degrees of freedom (Nadeau and Bengio
    2003, "Inference for the generalization error", Machine Learning 52). The second term is the
    number of test examples for each of training: seeds that deal one stock anew share examples, so
    that gains vary less from seed to seed than from stock to stock, and 1/n alone promises too
    much. For seeds that share nothing it is 0, which is Student's paired test.
    """
    n_seeds = len(gains)
    value = float(gains.mean())
    error = float(np.sqrt(gains.var(ddof=1) * (1 / n_seeds + test_per_training)))
    if error <= 1e-12:
        return Difference(value, error, np.nan)
    return Difference(value, error, float(2 * student.sf(abs(value) / error, n_seeds - 1)))


def corrected(differences: Sequence[Difference]) -> list[Difference]:
    """Return the differences with p-values corrected for how many tests there are.

    By Holm's step-down method (1979, "A simple sequentially rejective multiple test procedure",
    Scandinavian Journal of Statistics 6). One without a p-value is no test and does not count.
    """
    p_values = np.array([each.p_value for each in differences])
    is_test = ~np.isnan(p_values)
    p_values[is_test] = holm(p_values[is_test])
    return [replace(each, p_holm=float(p)) for each, p in zip(differences, p_values, strict=True)]
