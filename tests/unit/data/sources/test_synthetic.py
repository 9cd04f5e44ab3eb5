from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coadapt.data.preprocessing import PreprocessingConfig, preprocess
from coadapt.data.sources.base import make_source
from coadapt.domain.durations import DAY_MS

SMALL = {"n_users": 50, "n_items": 40, "n_events": 5_000}


def _read(**options):
    return make_source("synthetic", SMALL | options).read(None)


def test_the_shape_is_the_one_asked_for() -> None:
    events = _read().events
    assert (events.height, events["user_id"].n_unique()) == (5_000, 50)


def test_the_same_seed_gives_the_same_events() -> None:
    assert _read(seed=3).events.equals(_read(seed=3).events)


def test_another_seed_gives_other_events() -> None:
    assert not _read(seed=3).events.equals(_read(seed=4).events)


def test_events_stand_in_order_of_time_within_the_days() -> None:
    times = _read(n_days=2).events["timestamp"]
    assert times.is_sorted()
    assert times.max() - times.min() < 2 * DAY_MS


def test_only_purchases_carry_a_value_which_is_the_items_price() -> None:
    table = _read()
    prices = dict(table.item_table.select("item_id", "price").iter_rows())
    purchases = table.events.filter(pl.col("value").is_not_null())
    assert purchases["type"].unique().to_list() == ["purchase"]
    assert purchases["value"].to_list() == [prices[item] for item in purchases["item_id"]]


def test_every_item_is_described() -> None:
    table = _read(n_categories=4)
    assert set(table.events["item_id"]) <= set(table.item_table["item_id"])
    assert table.item_table["category"].n_unique() == 4


def _share_of_best_successor(sequence: float) -> float:
    """Return how often the most frequent successor of an item follows it."""
    dataset, _ = preprocess(_read(sequence=sequence), PreprocessingConfig())
    follows = dataset.users[1:] == dataset.users[:-1]
    counts = np.zeros((dataset.n_items, dataset.n_items))
    np.add.at(counts, (dataset.items[:-1][follows], dataset.items[1:][follows]), 1)
    return float(counts.max(axis=1).sum() / counts.sum())


def test_sequences_can_be_foreseen_as_much_as_asked_for() -> None:
    assert _share_of_best_successor(0.9) > 0.85
    assert _share_of_best_successor(0.0) < 0.3


def test_a_user_prefers_two_categories_if_nothing_is_sequential() -> None:
    table = _read(sequence=0.0, n_categories=10)
    events = table.events.join(table.item_table, on="item_id")
    assert events.group_by("user_id").agg(pl.col("category").n_unique())["category"].max() == 2


@pytest.mark.parametrize("skew", [0.5, 1.0, 1.5])
def test_popular_items_take_more_than_their_share(skew) -> None:
    counts = _read(sequence=0.0, popularity_skew=skew, n_categories=1).events["item_id"]
    shares = counts.value_counts(sort=True)["count"] / 5_000
    assert shares.head(4).sum() > 0.15


def test_more_users_than_events_is_no_error() -> None:
    assert _read(n_users=10, n_events=3).events.height == 3


def test_more_categories_than_items_is_no_error() -> None:
    assert _read(n_items=2, n_categories=9).events["item_id"].n_unique() == 2
