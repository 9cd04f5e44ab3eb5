"""Slates are novel, varied and more or less popular than habit."""

import numpy as np
import pytest
from scipy import sparse

from coadapt.data.batches import Histories
from coadapt.domain.errors import ConfigError
from coadapt.evaluation.base import ItemFacts, Ranked
from coadapt.evaluation.metrics.beyond import diversity, novelty, popularity_lift

COUNTS = np.array([8, 4, 4, 0])
AXES = sparse.csr_matrix(np.array([[1.0, 0], [0, 1], [1, 0], [0.6, 0.8]]))


def shown(top, pasts=((), ()), vectors=AXES):
    """Return users who are shown these rows."""
    return Ranked(
        ranks=np.ones(len(top)),
        offsets=np.arange(len(top) + 1),
        n_rankable=np.full(len(top), 4),
        top=np.array(top),
        histories=Histories.from_rows([np.array(past, np.int64) for past in pasts]),
        items=ItemFacts(COUNTS, vectors),
    )


def test_novelty_is_bits_of_surprise():
    counted_once = np.log2(17 / np.array([8, 4, 4, 1]))
    values = novelty(shown([[0, 1], [3, 2]]), 2)
    assert values == pytest.approx([counted_once[:2].mean(), counted_once[2:].mean()])


def test_only_the_first_k_count():
    assert novelty(shown([[0, 3], [1, 3]]), 1) == pytest.approx(np.log2(17 / COUNTS[:2]))


def test_empty_places_do_not_count():
    assert novelty(shown([[0, -1], [-1, -1]]), 2) == pytest.approx(
        [np.log2(17 / 8), np.nan], nan_ok=True
    )


def test_popularity_lift_compares_with_the_history():
    values = popularity_lift(shown([[0, 1], [1, 2]], [(1, 2), (0, -1)]), 2)
    assert values == pytest.approx([6 / 4, 4 / 8])


def test_popularity_lift_is_undefined_without_a_known_past():
    assert np.isnan(popularity_lift(shown([[0], [0]], [(), (-1,)]), 1)).all()


def test_diversity_is_the_mean_distance_of_pairs():
    values = diversity(shown([[0, 1, 3], [0, 2, -1]]), 3)
    assert values == pytest.approx([1 - (0 + 0.6 + 0.8) / 3, 0])


def test_one_item_has_no_diversity():
    assert np.isnan(diversity(shown([[0, -1], [1, -1]]), 2)).all()


def test_diversity_without_vectors_says_what_is_missing():
    with pytest.raises(ConfigError, match="item vectors"):
        diversity(shown([[0], [1]], vectors=None), 1)
