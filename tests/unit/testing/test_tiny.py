"""The tiny data holds two tastes that never meet, and spenders of two kinds."""

import numpy as np
import pytest

from coadapt.testing.tiny import N_ITEMS, N_SHOPPERS, N_USERS, shoppers, two_tastes

SEEDS = [0, 1, 7]


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_meets_an_item_of_the_other_taste(seed: int) -> None:
    dataset = two_tastes(seed)
    np.testing.assert_array_equal(dataset.items >= N_ITEMS // 2, dataset.users >= N_USERS // 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_meets_four_different_items(seed: int) -> None:
    dataset = two_tastes(seed)
    met = np.unique(np.stack((dataset.users, dataset.items)), axis=1)
    assert np.bincount(met[0]).tolist() == [4] * N_USERS


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_meets_every_item(seed: int) -> None:
    assert sorted(set(two_tastes(seed).items.tolist())) == list(range(N_ITEMS))


def test_ids_and_rows_are_as_many() -> None:
    dataset = two_tastes()
    assert (len(dataset.user_ids), len(dataset.item_ids)) == (N_USERS, N_ITEMS)
    assert (np.diff(dataset.times) > 0).all()


def test_a_seed_decides_all() -> None:
    np.testing.assert_array_equal(two_tastes(3).items, two_tastes(3).items)
    assert (two_tastes(3).items != two_tastes(4).items).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_big_spenders_spend_more_and_more_often(seed: int) -> None:
    stream = shoppers(seed)
    purchases = stream.take(stream.types == 1)
    is_big = purchases.users < N_SHOPPERS // 2
    assert np.mean(purchases.values[is_big]) > 5 * np.mean(purchases.values[~is_big])
    assert is_big.mean() > 0.7


def test_shoppers_stand_in_the_order_of_the_log() -> None:
    assert (np.diff(shoppers().received) >= 0).all()
