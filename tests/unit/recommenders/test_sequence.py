"""What every sequence network shares: how states become scores, and what weights hold."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from coadapt.data.batches import Histories
from coadapt.domain.errors import NotFittedError
from coadapt.domain.resources import Resources
from coadapt.recommenders import _sequence
from coadapt.recommenders._sequence import SequenceConfig, SequenceNetwork, SequenceRecommender
from coadapt.testing.tiny import N_ITEMS, two_tastes

SCALE = 10.0


class _Echo(SequenceNetwork):
    """Answer each place with the vector of the item that stands there."""

    def states(self, rows: Tensor) -> Tensor:
        return self.items(rows)


class _LastItem(SequenceRecommender[SequenceConfig]):
    """Score by likeness to the last item, so that the right answer is known."""

    Config = SequenceConfig

    def build(self, n_items: int) -> SequenceNetwork:
        return _Echo(n_items, self.config.embedding_dim)

    def batches(self, dataset, rng):
        return iter(())

    def loss(self, batch):
        return torch.zeros(())


def _prepared(**options: float) -> _LastItem:
    config = SequenceConfig(**{"embedding_dim": 8, "logit_scale": SCALE, **options})
    recommender = _LastItem(config)
    recommender.prepare(two_tastes(), seed=1)
    return recommender


def _pasts(*pasts: list[int]) -> Histories:
    return Histories.from_rows([np.array(past, np.int64) for past in pasts])


def test_the_last_item_is_most_like_itself() -> None:
    values = _prepared().score(_pasts([3, 4, 7], [7, 3])).values
    assert values.argmax(axis=1).tolist() == [7, 3]
    assert values.max(axis=1) == pytest.approx([SCALE, SCALE], rel=1e-5)


def test_scores_are_cosines_times_the_scale() -> None:
    recommender = _prepared()
    vectors = recommender.item_vectors()
    scores = recommender.score(_pasts([2])).values[0]
    np.testing.assert_allclose(scores, SCALE * vectors @ vectors[2], rtol=1e-4, atol=1e-5)


def test_item_vectors_have_length_one() -> None:
    lengths = np.linalg.norm(_prepared().item_vectors(), axis=1)
    np.testing.assert_allclose(lengths, np.ones(N_ITEMS), rtol=1e-5)


def test_an_empty_history_gets_the_log_of_one_plus_the_count() -> None:
    expected = np.log1p(two_tastes().item_counts)
    np.testing.assert_allclose(_prepared().score(_pasts([])).values[0], expected, rtol=1e-6)


def test_unknown_items_at_the_end_are_looked_past() -> None:
    values = _prepared().score(_pasts([5, -1, -1], [-1, 5])).values
    assert values.argmax(axis=1).tolist() == [5, 5]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, N_ITEMS - 1), max_size=12), min_size=1, max_size=8))
def test_pasts_of_any_lengths_keep_their_places(pasts) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_sequence, "_SCORING_CELLS", 7)
        values = _prepared(max_length=5).score(_pasts(*pasts)).values
    best = values.argmax(axis=1)
    assert [row for row, past in zip(best, pasts, strict=True) if past] == [
        p[-1] for p in pasts if p
    ]


@pytest.mark.parametrize("full_softmax_items", [1, 10_000])
def test_a_right_state_costs_less_than_a_wrong_one(full_softmax_items) -> None:
    recommender = _prepared(full_softmax_items=full_softmax_items)
    targets = torch.tensor([0, 5])
    states = recommender.network.items(targets)
    right = recommender.next_item_loss(states, targets)
    wrong = recommender.next_item_loss(states.flip(0), targets)
    assert 0 < float(right.detach()) < float(wrong.detach())


def test_enough_negatives_estimate_the_whole_softmax_exactly() -> None:
    targets = torch.tensor([0, 5])
    recommenders = (_prepared(full_softmax_items=n, n_negatives=100) for n in (1, 10_000))
    losses = [
        float(each.next_item_loss(each.network.items(targets), targets).detach())
        for each in recommenders
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_weights_hold_all_items_and_the_prior() -> None:
    weights = _prepared().weights()
    assert weights["items.weight"].shape == (N_ITEMS + 1, 8)
    assert weights["prior"].shape == (N_ITEMS,)


def test_loaded_weights_are_a_copy() -> None:
    weights = {name: np.array(array) for name, array in _prepared().weights().items()}
    loaded = _LastItem(SequenceConfig(embedding_dim=8))
    loaded.load_weights(weights)
    weights["prior"][:] = 99
    assert loaded.weights()["prior"].max() < 99


def test_weights_of_another_shape_are_refused() -> None:
    other = _LastItem(SequenceConfig(embedding_dim=4))
    with pytest.raises(RuntimeError, match="size mismatch"):
        other.load_weights(_prepared().weights())


def test_nothing_is_known_before_the_network_is_made() -> None:
    recommender = _LastItem(SequenceConfig())
    with pytest.raises(NotFittedError, match="_LastItem"):
        recommender.weights()


def test_a_network_is_fitted_by_a_strategy_only() -> None:
    with pytest.raises(NotImplementedError, match="strategies"):
        _prepared().fit(two_tastes(), Resources())


@pytest.mark.parametrize("option", [{"logit_scale": 41}, {"dropout": 1.0}, {"max_length": 0}])
def test_an_impossible_hyperparameter_is_refused(option) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        SequenceConfig(**option)
