"""Play the `implicit` library: item kNN, ALS and BPR through its own calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

from contest.play import Job, play
from contest.split import Pasts, Ragged, Split

NEIGHBOURS = {"item_knn_cosine": CosineRecommender, "item_knn_bm25": BM25Recommender}
FACTORS = {"als": AlternatingLeastSquares, "bpr": BayesianPersonalizedRanking}


class _Fitted:
    """Fit on the matrix of who met what; users are numbered as in the split."""

    def __init__(self, model: Any, n_items: int) -> None:
        self.model, self.n_items = model, n_items

    def fit(self, events: Ragged) -> None:
        """Fit the library's model."""
        self.model.fit(events.matrix(self.n_items), show_progress=False)


class Neighbours(_Fitted):
    """Score by similarities to what is known, new events included."""

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Multiply histories by the similarities."""
        scores: npt.NDArray[np.float32] = (
            pasts.known.matrix(self.n_items) @ self.model.similarity
        ).toarray()
        return scores

    def top(self, pasts: Pasts) -> None:
        """Ask the library for ten."""
        self.model.recommend(pasts.users, pasts.known.matrix(self.n_items), N=10)


class Factors(_Fitted):
    """Score by factors; with `folds_in`, users are solved again from what is known."""

    def __init__(self, model: Any, n_items: int, *, folds_in: bool) -> None:
        super().__init__(model, n_items)
        self.folds_in = folds_in

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Multiply user and item factors."""
        factors = np.asarray(self.model.user_factors)[pasts.users]
        if self.folds_in:
            factors = self.model.recalculate_user(pasts.users, pasts.known.matrix(self.n_items))
        scores: npt.NDArray[np.float32] = (
            np.asarray(factors) @ np.asarray(self.model.item_factors).T
        )
        return scores

    def top(self, pasts: Pasts) -> None:
        """Ask the library for ten."""
        again = {"recalculate_user": True} if self.folds_in else {}
        self.model.recommend(pasts.users, pasts.known.matrix(self.n_items), N=10, **again)

    def top_as_fitted(self, pasts: Pasts) -> None:
        """Ask for ten by the factors of the fit: newer events are left out but not acted upon."""
        self.model.recommend(pasts.users, pasts.known.matrix(self.n_items), N=10)


def make(job: Job, setting: dict[str, Any], split: Split) -> Any:
    """Make the contender that a job names."""
    if job.method in NEIGHBOURS:
        model = NEIGHBOURS[job.method](num_threads=job.n_threads, **setting)
        return Neighbours(model, split.n_items)
    model = FACTORS[job.method](num_threads=job.n_threads, random_state=job.seed, **setting)
    folds_in = job.method == "als" and job.mode == "final" and job.part == "fit"
    return Factors(model, split.n_items, folds_in=folds_in)


if __name__ == "__main__":
    play(make)
