"""Play popularity and EASE (Steck 2019) as plain NumPy: what a few lines reach by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from contest.play import Job, play
from contest.split import Pasts, Ragged, Split

BLOCK_USERS = 512


class _Scored:
    """Find top items by dense scores: there is no library call to use."""

    def __init__(self, n_items: int) -> None:
        self.n_items = n_items

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Score the catalogue, shape (n, n_items)."""
        raise NotImplementedError

    def top(self, pasts: Pasts) -> None:
        """Find each user's ten best unknown items, sorted."""
        for start in range(0, len(pasts), BLOCK_USERS):
            block = pasts.block(start, min(start + BLOCK_USERS, len(pasts)))
            scores = self.scores(block)
            users = np.repeat(np.arange(len(block)), block.known.lengths)
            scores[users, block.known.items] = -np.inf
            best = np.argpartition(-scores, 10, axis=1)[:, :10]
            np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)


class Popularity(_Scored):
    """Score by the number of events."""

    def fit(self, events: Ragged) -> None:
        """Count."""
        self.counts = np.bincount(events.items, minlength=self.n_items).astype(np.float32)

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Repeat the counts for each user."""
        return np.tile(self.counts, (len(pasts), 1))


class EASE(_Scored):
    """Solve item-to-item weights on whichever side of the matrix is the smaller."""

    def __init__(self, n_items: int, regularization: float) -> None:
        super().__init__(n_items)
        self.regularization = regularization

    def fit(self, events: Ragged) -> None:
        """Invert items x items, or users x users where there are far more items."""
        matrix = events.matrix(self.n_items)
        if self.n_items <= 2 * len(events):
            self._fit_items(matrix)
        else:
            self._fit_users(matrix)

    def _fit_items(self, matrix: Any) -> None:
        """Keep the whole weight matrix."""
        gram = (matrix.T @ matrix).toarray().astype(np.float64)
        gram[np.diag_indices(self.n_items)] += self.regularization
        inverse = np.linalg.inv(gram)
        weights = inverse / -np.diag(inverse)
        weights[np.diag_indices(self.n_items)] = 0
        self.weights = weights.astype(np.float32)

    def _fit_users(self, matrix: Any) -> None:
        """Keep the two thin factors of the same weights, by the Woodbury identity."""
        gram = (matrix @ matrix.T).toarray().astype(np.float64)
        gram[np.diag_indices(len(gram))] += self.regularization
        self.matrix = matrix
        self.solved = (matrix.T @ np.linalg.inv(gram)).T.astype(np.float32)
        self.diagonal = 1 - np.asarray(matrix.multiply(self.solved).sum(axis=0)).ravel()

    def scores(self, pasts: Pasts) -> npt.NDArray[np.float32]:
        """Multiply histories by the weights."""
        past = pasts.known.matrix(self.n_items)
        if hasattr(self, "weights"):
            known_scores: npt.NDArray[np.float32] = past @ self.weights
            return known_scores
        overlap = (past @ self.matrix.T).toarray()
        scores: npt.NDArray[np.float32] = (overlap @ self.solved - past.toarray()) / self.diagonal
        return scores.astype(np.float32)


def make(job: Job, setting: dict[str, Any], split: Split) -> Any:
    """Make the contender that a job names."""
    if job.method == "popularity":
        return Popularity(split.n_items)
    return EASE(split.n_items, **setting)


if __name__ == "__main__":
    play(make)
