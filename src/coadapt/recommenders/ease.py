"""Learn item-to-item weights in closed form: EASE (Steck 2019)."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

import numpy as np
from pydantic import Field
from scipy import sparse
from threadpoolctl import threadpool_limits
from typing_extensions import override

from coadapt.data.batches import IntArray, ScoreArray
from coadapt.data.dataset import Dataset
from coadapt.domain.errors import DataError
from coadapt.domain.ranges import Between
from coadapt.domain.resources import Resources
from coadapt.recommenders._gram import inverse_cholesky, inverse_gram
from coadapt.recommenders._matrix import MatrixRecommender, fill_empty
from coadapt.recommenders.base import RecommenderConfig, Weights

__all__ = ["EASE", "EASEConfig"]

LOW_RANK_RATIO: Final = 2
"""With more than this many items a user, the users' side is the smaller one to invert."""


class EASEConfig(RecommenderConfig):
    """Hold the hyperparameters of EASE; `max_rows` guards against a matrix that cannot fit."""

    regularization: Annotated[float, Field(gt=0), Between(1.0, 5000.0, log=True)] = 200.0
    max_rows: Annotated[int, Field(ge=1)] = 40_000


class _Full(NamedTuple):
    """Hold B = I - P·diag(1 / diag P), P = (XᵀX + λI)⁻¹, shape (n_items, n_items)."""

    item_weights: ScoreArray

    def score(self, past: sparse.csr_matrix) -> ScoreArray:
        """Return past·B."""
        return past @ self.item_weights


class _LowRank(NamedTuple):
    """Hold the same B by P = (I - Z·Zᵀ) / λ, Z of shape (n_items, n_users): Woodbury's identity.

    `residuals` is 1 - |z_i|², which is λ·diag P.
    """

    factors: ScoreArray
    residuals: ScoreArray

    def score(self, past: sparse.csr_matrix) -> ScoreArray:
        """Return past·B = past - (past - past·Z·Zᵀ) / residuals."""
        values: ScoreArray = (past @ self.factors) @ self.factors.T
        values /= self.residuals
        met = past.tocoo()
        values[met.row, met.col] += 1 - 1 / self.residuals[met.col]
        return values


class EASE(MatrixRecommender[EASEConfig]):
    """Score items by a linear map of the history, the ridge regression of each item on all others.

    Memory is that of one float32 matrix of n_items x n_items or, with more than `LOW_RANK_RATIO`
    items a user, n_items x n_users.
    """

    Config = EASEConfig

    def __init__(self, config: EASEConfig) -> None:
        super().__init__(config)
        self._model: _Full | _LowRank | None = None
        self._popularity: ScoreArray = np.empty(0, np.float32)

    @override
    def fit(self, dataset: Dataset, resources: Resources) -> None:
        matrix = dataset.matrix()
        is_wide = matrix.shape[1] > LOW_RANK_RATIO * matrix.shape[0]
        n_rows = matrix.shape[0] if is_wide else matrix.shape[1]
        if n_rows > self.config.max_rows:
            raise DataError(
                f"ease would invert a matrix of {n_rows} rows: choose als or item_knn, or raise "
                "`max_rows` if the memory is there"
            )
        with threadpool_limits(resources.n_threads, user_api="blas"):
            solve = _solve_low_rank if is_wide else _solve_full
            self._model = solve(matrix, self.config.regularization)
        self._popularity = dataset.log_popularity

    @property
    @override
    def _prior(self) -> ScoreArray:
        return self._popularity

    @override
    def weights(self) -> Weights:
        return {"prior": self._prior, **self._fitted._asdict()}

    @override
    def load_weights(self, weights: Weights) -> None:
        arrays = {name: np.asarray(array, np.float32) for name, array in weights.items()}
        self._popularity = arrays.pop("prior")
        self._model = _Full(**arrays) if "item_weights" in arrays else _LowRank(**arrays)

    @override
    def _values(self, past: sparse.csr_matrix, candidates: IntArray | None = None) -> ScoreArray:
        values = fill_empty(self._fitted.score(past), past, self._prior)
        return values if candidates is None else values[:, candidates]

    @property
    def _fitted(self) -> _Full | _LowRank:
        """Return what was learned. Raises NotFittedError."""
        if self._model is None:
            raise self._not_fitted()
        return self._model


def _solve_full(matrix: sparse.csr_matrix, regularization: float) -> _Full:
    """Solve on the items' side, overwriting one matrix from the Gram matrix to the weights."""
    # The inverse is symmetric: its transpose is itself, in the row-major order scoring needs.
    weights = inverse_gram(matrix, regularization).T
    weights /= -np.diag(weights).copy()
    weights[np.diag_indices_from(weights)] = 0
    return _Full(np.ascontiguousarray(weights, np.float32))


def _solve_low_rank(matrix: sparse.csr_matrix, regularization: float) -> _LowRank:
    """Solve on the users' side: Z = Xᵀ·L⁻ᵀ with L·Lᵀ = X·Xᵀ + λI."""
    gram = np.asfortranarray((matrix @ matrix.T).toarray(), np.float64)
    gram[np.diag_indices_from(gram)] += regularization
    half = np.ascontiguousarray(inverse_cholesky(gram).T, np.float32)
    factors = matrix.T.tocsr() @ half
    return _LowRank(factors, 1 - np.einsum("ij,ij->i", factors, factors))
