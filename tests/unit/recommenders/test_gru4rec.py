"""GRU4Rec carries a state through a history, and from window to window."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from coadapt.data.batches import Histories
from coadapt.data.dataset import Dataset, Vocabulary
from coadapt.recommenders.gru4rec import GRU4Rec, GRU4RecConfig
from coadapt.testing.recommenders import fit_tiny
from coadapt.testing.tiny import two_tastes

SMALL = {
    "embedding_dim": 16,
    "hidden_dim": 16,
    "n_lanes": 8,
    "n_steps": 6,
    "dropout": 0,
    "embedding_dropout": 0,
    "warmup_steps": 2,
}
N_CIRCLE = 10


def _circle(n_users: int = 30, n_events: int = 9) -> Dataset:
    """Everybody walks the same circle of items from another start."""
    users = np.repeat(np.arange(n_users), n_events)
    steps = np.tile(np.arange(n_events), n_users)
    return Dataset(
        users=users,
        items=(users + steps) % N_CIRCLE,
        types=np.zeros_like(users),
        times=steps,
        values=np.full(len(users), np.nan),
        user_ids=Vocabulary([f"u{n}" for n in range(n_users)]),
        item_ids=Vocabulary([f"i{n}" for n in range(N_CIRCLE)]),
        type_names=("page_view",),
    )


def _prepared(**options: float) -> GRU4Rec:
    recommender = GRU4Rec(GRU4RecConfig(**{**SMALL, **options}))
    recommender.prepare(two_tastes(), seed=3)
    return recommender


def _past(*rows: int) -> Histories:
    return Histories.from_rows([np.array(rows, np.int64)])


def test_the_next_step_of_a_circle_is_learnt() -> None:
    recommender = GRU4Rec(GRU4RecConfig(**SMALL, max_epochs=12, learning_rate=0.02))
    fit_tiny(recommender, _circle())
    assert recommender.top(_past(7, 8, 9), 1).rows[0, 0] == 0
    assert recommender.top(_past(2, 3), 1).rows[0, 0] == 4


def test_the_order_of_a_history_matters() -> None:
    recommender = _prepared()
    recommender.network.eval()
    forward, backward = (recommender.score(_past(*past)).values for past in ((1, 2), (2, 1)))
    assert not np.allclose(forward, backward)


def test_an_epoch_shows_every_step_once() -> None:
    recommender, dataset = _prepared(n_lanes=7), two_tastes()
    batches = list(recommender.batches(dataset, np.random.default_rng(0)))
    n_shown = sum(batch.rows.numel() for _, batch in batches)
    n_steps = int((dataset.histories().lengths - 1).sum())
    assert n_steps - 7 < n_shown <= n_steps


def test_shares_of_an_epoch_rise_to_one_and_only_the_first_window_begins_anew() -> None:
    batches = list(_prepared().batches(two_tastes(), np.random.default_rng(0)))
    shares = [share for share, _ in batches]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [bool(batch.is_first) for _, batch in batches] == [True] + [False] * (len(batches) - 1)


def test_the_first_window_of_an_epoch_forgets_what_was_carried() -> None:
    recommender = _prepared(n_lanes=7)
    (_, first), *_ = recommender.batches(two_tastes(), np.random.default_rng(0))
    losses = [float(recommender.loss(first).detach()) for _ in range(2)]
    assert losses[0] == losses[1]


def test_a_window_goes_on_from_the_state_before() -> None:
    recommender = _prepared()
    recommender.network.eval()
    rows = torch.arange(6).reshape(6, 1)
    keep = torch.ones(6, 1)
    whole, _ = recommender.network.walk(rows, keep, None)
    _, hidden = recommender.network.walk(rows[:4], keep[:4], None)
    rest, _ = recommender.network.walk(rows[4:], keep[4:], hidden[-1])
    torch.testing.assert_close(rest, whole[4:], rtol=1e-4, atol=1e-5)


def test_where_a_user_begins_nothing_of_the_one_before_is_left() -> None:
    recommender = _prepared()
    recommender.network.eval()
    keep = torch.tensor([[1.0], [1.0], [0.0]])
    after, _ = recommender.network.walk(torch.tensor([[4], [5], [6]]), keep, None)
    alone, _ = recommender.network.walk(torch.tensor([[6]]), torch.zeros(1, 1), None)
    torch.testing.assert_close(after[2], alone[0], rtol=1e-4, atol=1e-5)


def test_the_gradient_does_not_reach_into_the_window_before() -> None:
    recommender = _prepared()
    for _, batch in recommender.batches(two_tastes(), np.random.default_rng(0)):
        recommender.loss(batch).backward()
    assert recommender.network.items.weight.grad is not None
    assert torch.isfinite(recommender.network.items.weight.grad).all()


def test_padding_behind_a_history_does_not_reach_its_last_state() -> None:
    recommender = _prepared()
    recommender.network.eval()
    n_items = recommender.network.n_items
    short = recommender.network.states(torch.tensor([[1, 2]]))
    long = recommender.network.states(torch.tensor([[1, 2, n_items, n_items]]))
    torch.testing.assert_close(long[:, :2], short, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("option", [{"n_lanes": 0}, {"hidden_dim": 0}, {"n_heads": 2}])
def test_an_impossible_or_foreign_hyperparameter_is_refused(option) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        GRU4RecConfig(**option)
