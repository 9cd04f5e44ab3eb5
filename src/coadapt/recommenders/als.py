"""Factorise implicit feedback by alternating least squares (Hu, Koren and Volinsky 2008)."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from pydantic import Field
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits
from typing_extensions import override

from coadapt.data.batches import IntArray, ScoreArray
from coadapt.data.dataset import Dataset
from coadapt.domain.ranges import Between
from coadapt.domain.resources import Resources
from coadapt.recommenders._matrix import MatrixRecommender, fill_empty
from coadapt.recommenders.base import RecommenderConfig, Weights

__all__ = ["ALS", "ALSConfig"]


class ALSConfig(RecommenderConfig):
    """Hold the hyperparameters of ALS; `alpha` is the confidence in an event, 1 in its absence."""

    embedding_dim: Annotated[int, Field(ge=1), Between(16, 256, log=True)] = 128
    alpha: Annotated[float, Field(gt=0), Between(0.1, 40.0, log=True)] = 1.0
    regularization: Annotated[float, Field(gt=0), Between(1e-3, 100.0, log=True)] = 1.0
    max_epochs: Annotated[int, Field(ge=1), Between(5, 30)] = 15


class _Fitted(NamedTuple):
    """Hold item factors (n_items, dim), a prior (n_items,) and the parts of a fold-in."""

    item_factors: ScoreArray
    prior: ScoreArray
    solver: AlternatingLeastSquares
    projection: ScoreArray


class ALS(MatrixRecommender[ALSConfig]):
    """Score an item by the product of its factors with those solved exactly for the history.

    The factors x of a history h minimise Σ_i c_i (h_i - x·y_i)² + regularization |x|², c_i being
    `alpha` for its items and 1 for all others.
    """

    Config = ALSConfig

    def __init__(self, config: ALSConfig) -> None:
        super().__init__(config)
        self._learned: _Fitted | None = None

    @override
    def fit(self, dataset: Dataset, resources: Resources) -> None:
        # The package runs its own threads and is many times slower beside those of BLAS.
        with threadpool_limits(1, user_api="blas"):
            model = _model(self.config, seed=resources.seed, n_threads=resources.n_threads)
            model.fit(
                dataset.matrix(),
                show_progress=False,
                callback=lambda epoch, _seconds, _loss: resources.progress(
                    epoch + 1, self.config.max_epochs, "als"
                ),
            )
        self._become(model.item_factors, dataset.log_popularity)

    @property
    @override
    def _prior(self) -> ScoreArray:
        return self._fitted.prior

    @override
    def item_vectors(self) -> ScoreArray:
        return self._fitted.item_factors

    @override
    def weights(self) -> Weights:
        return {"item_factors": self._fitted.item_factors, "prior": self._fitted.prior}

    @override
    def load_weights(self, weights: Weights) -> None:
        self._become(
            np.asarray(weights["item_factors"], np.float32),
            np.asarray(weights["prior"], np.float32),
        )

    def _become(self, item_factors: ScoreArray, prior: ScoreArray) -> None:
        """Prepare the fold-in: with alpha 1, one linear map serves every history."""
        with threadpool_limits(1, user_api="blas"):
            solver = _model(self.config, seed=0, n_threads=1)
        solver.item_factors = item_factors
        gram = item_factors.T.astype(np.float64) @ item_factors
        gram[np.diag_indices_from(gram)] += self.config.regularization
        projection = linalg.solve(gram, item_factors.T, assume_a="pos").T
        self._learned = _Fitted(
            item_factors, prior, solver, np.ascontiguousarray(projection, np.float32)
        )

    @override
    def _values(self, past: sparse.csr_matrix, candidates: IntArray | None = None) -> ScoreArray:
        factors, prior = self._fitted.item_factors, self._fitted.prior
        if candidates is not None:
            factors, prior = factors[candidates], prior[candidates]
        return fill_empty(self._fold_in(past) @ factors.T, past, prior)

    def _fold_in(self, past: sparse.csr_matrix) -> ScoreArray:
        """Solve the factors of each row of shape (n, n_items), shape (n, dim)."""
        if self.config.alpha == 1:
            return past @ self._fitted.projection
        factors: ScoreArray = self._fitted.solver.recalculate_user(np.arange(past.shape[0]), past)
        return factors

    @property
    def _fitted(self) -> _Fitted:
        """Return what was learned. Raises NotFittedError."""
        if self._learned is None:
            raise self._not_fitted()
        return self._learned


def _model(config: ALSConfig, *, seed: int, n_threads: int) -> AlternatingLeastSquares:
    """Return the package's model for a config."""
    return AlternatingLeastSquares(
        factors=config.embedding_dim,
        regularization=config.regularization,
        alpha=config.alpha,
        iterations=config.max_epochs,
        num_threads=n_threads,
        random_state=seed,
    )
