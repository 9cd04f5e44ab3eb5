"""Score forecasts of spend: how near, how well ordered, how well calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from coadapt.data.batches import FloatArray
from coadapt.value.forecasts import LEVEL_WEIGHTS, LEVELS, Forecast

N_DECILES: Final = 10


def crps(forecast: Forecast, actual: FloatArray) -> FloatArray:
    """Return each user's continuous ranked probability score, shape (n,), in currency.

    It is twice the pinball loss averaged over all levels, here over LEVELS (Gneiting and Raftery
    2007); for a forecast without doubt it is the absolute error.
    """
    gap = actual[:, np.newaxis] - forecast.quantiles
    pinball = np.where(gap > 0, LEVELS * gap, (LEVELS - 1) * gap)
    scores: FloatArray = 2 * pinball @ LEVEL_WEIGHTS
    return scores


def rmse(expected: FloatArray, actual: FloatArray) -> float:
    """Return the root of the mean squared error, in currency."""
    return float(np.sqrt(np.mean((expected - actual) ** 2)))


def spearman(expected: FloatArray, actual: FloatArray) -> float:
    """Return the correlation of ranks, equal ones sharing theirs; NaN where all are equal."""
    ranks = np.stack((stats.rankdata(expected), stats.rankdata(actual)))
    if not np.ptp(ranks, axis=1).all():
        return float("nan")
    return float(stats.pearsonr(ranks[0], ranks[1]).statistic)


def normalised_gini(expected: FloatArray, actual: FloatArray) -> float:
    """Return the area under the gain curve by forecast over that by outcome; NaN without spend.

    1 is the perfect order, 0 a random one (Wang, Liu and Miao 2019). Equal forecasts share their
    place.
    """
    best = _gini(actual, actual)
    return _gini(expected, actual) / best if best else float("nan")


def _gini(order: FloatArray, actual: FloatArray) -> float:
    """Return twice the area between the gain curve and the diagonal, times the total."""
    ranks = stats.rankdata(order)
    return float(np.sum(actual * (2 * ranks - len(ranks) - 1)) / max(len(ranks), 1))


def total_ratio(expected: FloatArray, actual: FloatArray) -> float:
    """Return the total that was forecast over the actual one; NaN where nothing was spent."""
    total = float(actual.sum())
    return float(expected.sum()) / total if total else float("nan")


@dataclass(frozen=True, slots=True)
class Deciles:
    """Hold tenths of users, lowest forecast first: means forecast and actual, shape (n_deciles,).

    Fewer than ten users make fewer deciles.
    """

    expected: FloatArray
    actual: FloatArray

    @classmethod
    def of(cls, expected: FloatArray, actual: FloatArray) -> Deciles:
        """Cut users into tenths by forecast."""
        parts = np.array_split(np.argsort(expected, kind="stable"), N_DECILES)
        tenths = [part for part in parts if len(part)]
        return cls(
            np.array([expected[tenth].mean() for tenth in tenths]),
            np.array([actual[tenth].mean() for tenth in tenths]),
        )

    @property
    def mape(self) -> float:
        """Return the mean relative error over the deciles that spent; NaN without one."""
        spent = self.actual > 0
        if not spent.any():
            return float("nan")
        return float(np.mean(np.abs(self.expected[spent] / self.actual[spent] - 1)))
