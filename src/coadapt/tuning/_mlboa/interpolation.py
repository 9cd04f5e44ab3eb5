"""Step to the lowest point of parabolas through good points: Lagrange's, and of all coordinates."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize

from coadapt.data.batches import FloatArray

RANK_TOLERANCE: Final = 1e-9
N_SPARE: Final = 4
CHEAP: Final = 10.0
NEAR: Final = 0.05


class Bowl(NamedTuple):
    """Hold u ↦ slope·u + uᵀ curvature u / 2 in steps `reach` from a centre."""

    slope: FloatArray
    curvature: FloatArray

    def height(self, u: FloatArray) -> tuple[float, FloatArray]:
        """Return the height above the centre, and its gradient."""
        bent = self.curvature @ u
        return float(self.slope @ u + 0.5 * u @ bent), self.slope + bent


def parabola_moves(
    points: FloatArray, t: FloatArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """Return the vertices, coordinate by coordinate, of parabolas through three of the points.

    x = ½ Σ (x_j² - x_k²) t_i / Σ (x_j - x_k) t_i over the cyclic triples (i, j, k); where the
    parabola opens downwards, the best of the three stays.
    """
    triples = np.sort(np.argsort(rng.random((count, len(t))), axis=1)[:, :3], axis=1)
    x, f = points[triples], t[triples][:, :, np.newaxis]
    after, last = np.roll(x, -1, axis=1), np.roll(x, -2, axis=1)
    bend = ((after - last) * f).sum(axis=1)
    area = np.prod(x - after, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        vertex = 0.5 * ((after**2 - last**2) * f).sum(axis=1) / bend
        is_bowl = bend / -area > 0
    return np.where(is_bowl & np.isfinite(vertex), vertex, x[:, 0])


def bowl_minimum(points: FloatArray, t: FloatArray, shape: FloatArray) -> FloatArray | None:
    """Return the lowest point, near the best, of a quadratic through the points around it.

    `shape` are the coordinates' length scales. None without enough points.
    """
    d = points.shape[1]
    n_terms = (d + 1) * (d + 2) // 2
    away = (points - points[np.argmin(t)]) / shape
    order = np.argsort((away**2).sum(axis=1), kind="stable")[: n_terms + N_SPARE]
    if len(order) < d + 3:
        return None
    reach = max(float(np.sqrt((away[order] ** 2).sum(axis=1)).max()), 1e-12)
    u = away[order] / reach
    bowl = _bowl_through(u, t[order] - t[order[0]], shape)
    step = _lowest(bowl, d)
    return np.asarray(points[np.argmin(t)] + step * reach * shape)


def _bowl_through(u: FloatArray, rise: FloatArray, shape: FloatArray) -> Bowl:
    """Return the quadratic nearest to a round bowl that passes the points, 0 at the centre.

    Slopes and two round bowls, in the coordinates as they are and over their scales, cost little;
    any other curvature costs its square.
    """
    d = u.shape[1]
    rows, columns = np.triu_indices(d)
    products = u[:, rows] * u[:, columns] * np.where(rows == columns, 0.5, 1.0)
    rounds = np.stack([np.ones(d), shape**2 / (shape**2).mean()])
    terms = np.concatenate((CHEAP * u, CHEAP / 2 * u**2 @ rounds.T, products), axis=1)[1:]
    weight = 1 / (NEAR + (u**2).sum(axis=1))[1:]
    weighted = terms * weight[:, np.newaxis]
    found = np.linalg.lstsq(weighted, rise[1:] * weight, rcond=RANK_TOLERANCE)[0]
    curvature = np.diag(CHEAP * found[d : d + 2] @ rounds)
    curvature[rows, columns] += found[d + 2 :]
    curvature[columns, rows] = curvature[rows, columns]
    return Bowl(CHEAP * found[:d], curvature)


def _lowest(bowl: Bowl, d: int) -> FloatArray:
    """Return the lowest step of at most half the reach, starting from none."""
    found = minimize(
        bowl.height, np.zeros(d), jac=True, method="L-BFGS-B", bounds=[(-0.5, 0.5)] * d
    )
    return np.asarray(found.x)
