"""What is knowable of simulated shoppers is computed exactly."""

import numpy as np
import pytest
from mlboa.posterior import _likelihoods, forecast_purchases, measure_bound
from mlboa.simulator import N_STATES, VOCABULARY, Shoppers, World, draw_shoppers

WORLD = World()


@pytest.fixture(scope="module")
def shoppers() -> Shoppers:
    return draw_shoppers(WORLD, 2000, np.random.default_rng(1))


def test_the_forward_pass_equals_the_sum_over_all_paths() -> None:
    three = draw_shoppers(World(n_interactions=3), 1, np.random.default_rng(0))
    seen = _likelihoods(WORLD, three)[0]
    first, second = (WORLD.ahead(np.eye(N_STATES), three.gap_days[:, t]) for t in (1, 2))
    paths = np.einsum("a,ab,b,bc->abc", seen[0], first, seen[1], second)
    expected = (paths * WORLD.buying).sum() / paths.sum()
    assert forecast_purchases(WORLD, three)[0, 1] == pytest.approx(expected)


def test_forecasts_come_true_as_often_as_they_say(shoppers: Shoppers) -> None:
    forecasts = forecast_purchases(WORLD, shoppers)
    is_sure = forecasts > 0.8
    happened = shoppers.is_bought[:, 1:][is_sure].mean()
    assert happened == pytest.approx(forecasts[is_sure].mean(), abs=0.02)


def test_a_forecast_does_not_see_what_comes_after(shoppers: Shoppers) -> None:
    changed = shoppers.is_bought.copy()
    changed[:, 5] = ~changed[:, 5]
    other = Shoppers(
        shoppers.gap_days, changed, shoppers.log_dwell_s, shoppers.n_views, shoppers.words
    )
    before, after = (forecast_purchases(WORLD, each)[:, :5] for each in (shoppers, other))
    assert np.array_equal(before, after)


def test_about_80_percent_are_knowable_and_far_fewer_from_the_latest_step() -> None:
    bound = measure_bound(WORLD, 2000, seed=0)
    assert bound.accuracy == pytest.approx(0.80, abs=0.01)
    assert bound.from_last < bound.accuracy - 0.1


def test_probabilities_add_up_to_one() -> None:
    matrices = (WORLD.moves, WORLD.resets, WORLD.word_probabilities)
    assert all(np.allclose(matrix.sum(axis=1), 1) for matrix in matrices)


def test_a_word_is_of_one_kind() -> None:
    assert len(set(VOCABULARY)) == len(VOCABULARY)


def test_the_same_seed_draws_the_same_shoppers(shoppers: Shoppers) -> None:
    again = draw_shoppers(WORLD, 2000, np.random.default_rng(1))
    assert np.array_equal(again.words, shoppers.words)
