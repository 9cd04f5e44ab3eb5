"""SASRec attends to what came before, and to nothing that comes after."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from coadapt.data.batches import Histories
from coadapt.recommenders.sasrec import SASRec, SASRecConfig
from coadapt.testing.recommenders import fit_tiny
from coadapt.testing.tiny import N_ITEMS, two_tastes

SMALL = {"embedding_dim": 8, "max_length": 6, "warmup_steps": 2}


def _prepared(**options: float) -> SASRec:
    recommender = SASRec(SASRecConfig(**{**SMALL, **options}))
    recommender.prepare(two_tastes(), seed=3)
    recommender.network.eval()
    return recommender


def _states(recommender: SASRec, *rows: int) -> torch.Tensor:
    return recommender.network.states(torch.tensor([rows]))[0]


def test_a_taste_is_learnt() -> None:
    options = {"embedding_dim": 16, "max_epochs": 40, "learning_rate": 0.02}
    recommender = fit_tiny(SASRec(SASRecConfig(**{**SMALL, **options})), two_tastes())
    pasts = Histories.from_rows([np.array([0, 1, 2]), np.array([8, 7])])
    best = recommender.top(pasts, 2).rows
    assert (best[0] < 6).all()
    assert (best[1] >= 6).all()


def test_a_state_knows_nothing_of_what_comes_after() -> None:
    recommender = _prepared()
    first, second = _states(recommender, 1, 2, 3, 4), _states(recommender, 1, 2, 9, 9)
    torch.testing.assert_close(first[:2], second[:2], rtol=1e-4, atol=1e-5)
    assert not torch.allclose(first[2], second[2], atol=1e-3)


def test_padding_behind_a_history_changes_nothing() -> None:
    recommender = _prepared()
    short, long = _states(recommender, 1, 2), _states(recommender, 1, 2, N_ITEMS, N_ITEMS)
    torch.testing.assert_close(long[:2], short, rtol=1e-4, atol=1e-5)


def test_the_order_of_a_history_matters() -> None:
    recommender = _prepared()
    first, second = _states(recommender, 1, 2, 3), _states(recommender, 2, 1, 3)
    assert not torch.allclose(first[2], second[2], atol=1e-4)


def test_only_the_newest_events_count() -> None:
    recommender = _prepared(max_length=3)
    pasts = Histories.from_rows([np.array([9, 8, 1, 2, 3]), np.array([1, 2, 3])])
    values = recommender.score(pasts).values
    np.testing.assert_allclose(values[0], values[1], rtol=1e-4, atol=1e-4)


def test_an_epoch_predicts_every_next_item_once() -> None:
    dataset = two_tastes()
    batches = [batch for _, batch in _prepared().batches(dataset, np.random.default_rng(0))]
    targets = torch.cat([batch.targets for batch in batches])
    is_later = np.ones(dataset.n_events, np.bool_)
    is_later[dataset.offsets[:-1]] = False
    assert sorted(targets.tolist()) == sorted(dataset.items[is_later].tolist())


def test_a_place_is_followed_by_its_target() -> None:
    dataset = two_tastes()
    (_, batch), *_ = _prepared().batches(dataset, np.random.default_rng(0))
    inputs = batch.inputs.flatten()[batch.kept]
    steps = set(zip(dataset.items[:-1].tolist(), dataset.items[1:].tolist(), strict=True))
    assert set(zip(inputs.tolist(), batch.targets.tolist(), strict=True)) <= steps


@pytest.mark.parametrize("max_tokens", [1, 20, 4096])
def test_a_batch_is_no_larger_than_asked_but_never_empty(max_tokens) -> None:
    batches = list(_prepared(max_tokens=max_tokens).batches(two_tastes(), np.random.default_rng(0)))
    assert all(len(batch.inputs) == 1 or batch.inputs.numel() <= max_tokens for _, batch in batches)
    assert all(len(batch.kept) == len(batch.targets) > 0 for _, batch in batches)


def test_shares_of_an_epoch_end_at_one() -> None:
    shares = [
        s for s, _ in _prepared(max_tokens=20).batches(two_tastes(), np.random.default_rng(0))
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_another_seed_shows_the_batches_in_another_order() -> None:
    orders = [
        [b.targets.tolist() for _, b in _prepared(max_tokens=9).batches(two_tastes(), rng)]
        for rng in map(np.random.default_rng, (0, 0, 1))
    ]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(("embedding_dim", "n_heads"), [(8, 3), (2, 4)])
def test_heads_that_do_not_divide_the_embedding_are_refused_at_once(embedding_dim, n_heads) -> None:
    with pytest.raises(ValueError, match="n_heads must divide embedding_dim"):
        SASRecConfig(embedding_dim=embedding_dim, n_heads=n_heads)


def test_histories_of_any_length_are_scored_side_by_side() -> None:
    recommender = _prepared()
    pasts = [Histories.from_rows([np.arange(n)]) for n in (1, 3, 6)] * 8
    alone = [recommender.score(past).values for past in pasts]
    for _ in range(20):
        recommender.network._bias = recommender.network._bias[:, :0, :0]
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(lambda past: recommender.score(past).values, pasts))
        assert all(np.allclose(*pair, atol=1e-5) for pair in zip(alone, together, strict=True))
