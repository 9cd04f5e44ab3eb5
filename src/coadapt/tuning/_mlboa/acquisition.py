"""Say how much a trial is expected to improve on the best: log EI, without underflow.

EI = s h(z), z = (best - mean) / s, h(z) = φ(z) + z Φ(z), s the deviation (Jones et al. 1998; the
logarithm: Ament et al. 2023).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import erfcx

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.surrogate import Prediction

LARGEST_Z: Final = 25.0
FAR_Z: Final = -100.0
"""Below it, 1 + z Φ / φ is lost to rounding, and 1 / z² is exact enough."""

LOG_ROOT_2PI: Final = 0.5 * np.log(2 * np.pi)


class Improvement(NamedTuple):
    """Hold log EI, and its slopes by mean and by deviation, shape (n,)."""

    log_ei: FloatArray
    by_mean: FloatArray
    by_deviation: FloatArray


def improvement(prediction: Prediction, best: float) -> Improvement:
    """Return how much below the best each prediction is expected to end."""
    deviation = prediction.deviation
    z = np.minimum((best - prediction.mean) / deviation, LARGEST_Z)
    near = np.maximum(z, FAR_Z)
    mills = np.sqrt(np.pi / 2) * erfcx(-near / np.sqrt(2))
    far = np.minimum(z, FAR_Z)
    over_density = np.where(z > FAR_Z, 1 + near * mills, 1 / far**2)
    log_ei = np.log(deviation) - 0.5 * z**2 - LOG_ROOT_2PI + np.log(over_density)
    by_mean = -np.where(z > FAR_Z, mills, -1 / far) / over_density / deviation
    return Improvement(log_ei, by_mean, 1 / over_density / deviation)
