"""Recommend the nearest neighbours of what a person met (Sarwar et al. 2001)."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np
from implicit.nearest_neighbours import (
    all_pairs_knn,
    bm25_weight,
    normalize,
    tfidf_weight,
)
from pydantic import Field
from scipy import sparse
from typing_extensions import override

from coadapt.data.batches import IntArray, ScoreArray
from coadapt.data.dataset import Dataset
from coadapt.domain.ranges import Between, OneOf
from coadapt.domain.resources import Resources
from coadapt.recommenders._matrix import MatrixRecommender
from coadapt.recommenders._sparse_arrays import sparse_from_arrays, sparse_to_arrays
from coadapt.recommenders.base import RecommenderConfig, Weights

__all__ = ["ItemKNN", "ItemKNNConfig"]


class ItemKNNConfig(RecommenderConfig):
    """Hold the hyperparameters of item kNN; `k1` and `b` concern only BM25."""

    similarity: Annotated[Literal["cosine", "tfidf", "bm25"], OneOf("cosine", "tfidf", "bm25")] = (
        "bm25"
    )
    n_neighbours: Annotated[int, Field(ge=1), Between(5, 500, log=True)] = 50
    """Neighbours kept for an item, itself among them."""
    k1: Annotated[float, Field(gt=0), Between(0.1, 10.0, log=True, when=("similarity", "bm25"))] = (
        1.2
    )
    b: Annotated[float, Field(ge=0, le=1), Between(0.0, 1.0, when=("similarity", "bm25"))] = 0.75


class _Fitted(NamedTuple):
    """Hold what was learned: similarities (n_items, n_items) and a prior below all of them."""

    similarity: sparse.csr_matrix
    prior: ScoreArray


class ItemKNN(MatrixRecommender[ItemKNNConfig]):
    """Score an item by the sum of its similarities to the history's items.

    Items that no neighbour speaks for come after all others, by popularity; so an empty history
    gets the popular ones.
    """

    Config = ItemKNNConfig

    def __init__(self, config: ItemKNNConfig) -> None:
        super().__init__(config)
        self._learned: _Fitted | None = None

    @override
    def fit(self, dataset: Dataset, resources: Resources) -> None:
        neighbours = all_pairs_knn(
            _weighted(dataset.matrix(), self.config),
            self.config.n_neighbours,
            show_progress=False,
            num_threads=resources.n_threads,
        )
        prior = dataset.log_popularity
        self._learned = _Fitted(_without_padding(neighbours), prior - prior.max(initial=0) - 1)

    @property
    @override
    def _prior(self) -> ScoreArray:
        return self._fitted.prior

    @override
    def weights(self) -> Weights:
        similarity, prior = self._fitted
        return {**sparse_to_arrays("similarity", similarity), "prior": prior}

    @override
    def load_weights(self, weights: Weights) -> None:
        prior = np.asarray(weights["prior"], np.float32)
        self._learned = _Fitted(sparse_from_arrays("similarity", weights), prior)

    @override
    def _values(self, past: sparse.csr_matrix, candidates: IntArray | None = None) -> ScoreArray:
        similarity, prior = self._fitted
        sums = past @ similarity
        if candidates is not None:
            sums, prior = sums[:, candidates], prior[candidates]
        values = np.tile(prior, (past.shape[0], 1))
        users = np.repeat(np.arange(past.shape[0]), np.diff(sums.indptr))
        values[users, sums.indices] = sums.data
        return values

    @property
    def _fitted(self) -> _Fitted:
        """Return what was learned. Raises NotFittedError."""
        if self._learned is None:
            raise self._not_fitted()
        return self._learned


def _without_padding(neighbours: sparse.coo_matrix) -> sparse.csr_matrix:
    """Return similarities in float32, less the zeros that fill up items with few neighbours."""
    found = neighbours.data != 0
    data = neighbours.data[found].astype(np.float32)
    places = (neighbours.row[found], neighbours.col[found])
    return sparse.csr_matrix((data, places), shape=neighbours.shape)


def _weighted(matrix: sparse.csr_matrix, config: ItemKNNConfig) -> sparse.csr_matrix:
    """Weigh who met what, so that the product of two items' columns is their similarity."""
    items = matrix.T
    if config.similarity == "bm25":
        return bm25_weight(items, config.k1, config.b).T.tocsr()
    if config.similarity == "tfidf":
        items = tfidf_weight(items)
    # An item whose weights are all zero has no length to divide by: it stays zero.
    with np.errstate(invalid="ignore"):
        weighted = normalize(items).T.tocsr()
    np.nan_to_num(weighted.data, copy=False)
    return weighted
