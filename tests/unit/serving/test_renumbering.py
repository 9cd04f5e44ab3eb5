"""A run answers in another's rows: its own scores in their order, and none for what it lacks."""

import numpy as np
import pytest

from coadapt.data.batches import Histories
from coadapt.recommenders.popularity import Popularity, PopularityConfig
from coadapt.serving.renumbering import Renumbered


@pytest.fixture
def renumbered() -> Renumbered:
    """Return a run of two items; the other's three are its second, none, and its first."""
    own = Popularity(PopularityConfig())
    own.load_weights({"scores": np.array([1.0, 2.0], np.float32)})
    return Renumbered(own, np.array([1, -1, 0]))


def test_scores_come_in_the_rows_of_the_other(renumbered: Renumbered) -> None:
    scores = renumbered.score(Histories.from_rows([np.array([0, 2])]))
    assert scores.values.tolist() == [[2.0, -np.inf, 1.0]]


def test_candidates_are_rows_of_the_other(renumbered: Renumbered) -> None:
    scores = renumbered.score(Histories.from_rows([np.array([1])]), np.array([2, 1]))
    assert scores.values.tolist() == [[1.0, -np.inf]]
