"""Find the positive parameters under which data are most likely."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from coadapt.data.batches import FloatArray

Bounds = Sequence[tuple[float, float]]


def most_likely(
    log_likelihood: Callable[[Sequence[float]], float], start: Sequence[float], log_bounds: Bounds
) -> list[float]:
    """Return the parameters with the highest likelihood; their logs lie within the bounds.

    Gradients lead to the flat top, a simplex (Nelder and Mead 1965) climbs it to the end.
    """

    def loss(logs: FloatArray) -> float:
        return -log_likelihood(np.exp(logs).tolist())

    bounds = [(float(low), float(high)) for low, high in log_bounds]
    near = minimize(loss, np.log(start), method="L-BFGS-B", bounds=bounds)
    best = minimize(
        loss,
        near.x,
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 4000},
    )
    parameters: list[float] = np.exp(best.x).tolist()
    return parameters
