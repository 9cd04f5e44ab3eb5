"""The made-up shop has goods that one recognises and a past that tells of its shoppers' tastes."""

import numpy as np
import polars as pl
import pytest

from coadapt.simulation.worlds.base import World
from coadapt.simulation.worlds.shop import ShopConfig, make_shop

NOW_MS = 1_795_300_000_000
SMALL = ShopConfig(n_shoppers=120, n_newcomers=20, events_a_shopper=8)


@pytest.fixture(scope="module")
def shop() -> tuple[World, pl.DataFrame]:
    return make_shop(SMALL, NOW_MS)


def test_every_item_has_a_title_a_category_and_a_price(shop: tuple[World, pl.DataFrame]) -> None:
    table = shop[0].goods.table
    assert table.null_count().sum_horizontal().item() == 0
    assert table["item_id"].n_unique() == len(table)


def test_one_can_find_a_kettle(shop: tuple[World, pl.DataFrame]) -> None:
    assert "Classic kettle" in shop[0].goods.titles


def test_the_past_ends_before_now(shop: tuple[World, pl.DataFrame]) -> None:
    assert shop[1]["timestamp"].max() < NOW_MS


def test_newcomers_have_no_past(shop: tuple[World, pl.DataFrame]) -> None:
    world, past = shop
    assert set(past["user_id"]) == set(world.shopper_ids[: world.n_known])
    assert len(world.shopper_ids) - world.n_known == 20


def test_nobody_looks_twice_at_the_same(shop: tuple[World, pl.DataFrame]) -> None:
    assert not shop[1].select("user_id", "item_id").is_duplicated().any()


def test_people_met_what_they_like(shop: tuple[World, pl.DataFrame]) -> None:
    world, past = shop
    of_first = past.filter(pl.col("user_id") == world.shopper_ids[0])["item_id"]
    rows = [world.goods.row_of[item_id] for item_id in of_first]
    logits = world.logits(np.array([0]), np.array([-1]))[0]
    assert logits[rows].mean() > logits.mean() + 1


def test_only_purchases_carry_a_value(shop: tuple[World, pl.DataFrame]) -> None:
    has_value = shop[1]["value"].is_not_null()
    assert (has_value == (shop[1]["type"] == "purchase")).all()


def test_the_same_seed_makes_the_same_shop(shop: tuple[World, pl.DataFrame]) -> None:
    assert make_shop(SMALL, NOW_MS)[1].equals(shop[1])
