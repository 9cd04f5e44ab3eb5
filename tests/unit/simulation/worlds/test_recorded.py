"""A world of recorded data likes what people met, and moves their past to now."""

import numpy as np
import polars as pl
import pytest

from coadapt.data.sources.base import SourceTable, no_bad_rows
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import EmptyDataError
from coadapt.simulation.worlds.recorded import MAX_EVENTS_A_PERSON, make_recorded

NOW_MS = 1_795_300_000_000
ITEMS = pl.DataFrame(
    {
        "item_id": ["t1", "t2", "w1", "w2"],
        "title": ["Toy Story", "Up", "War", None],
        "category": ["Animation", "Animation|Comedy", "War", None],
    }
)


def recorded(rows: list[tuple[str, str | None, int]], items: pl.DataFrame | None) -> SourceTable:
    events = pl.DataFrame(
        rows,
        schema={"user_id": pl.String, "item_id": pl.String, "timestamp": pl.Int64},
        orient="row",
    )
    events = events.with_columns(type=pl.lit("rate"), value=pl.lit(5.0), line=pl.lit(1))
    return SourceTable("test", events, no_bad_rows(), len(rows), (), items)


FILMS = recorded(
    [
        *(("ann", "t1", 1), ("ann", "t2", 2)),
        *(("bob", "w1", 3), ("bob", "w2", 4)),
        *(("cy", "t1", 5), ("cy", "t2", 6)),
    ],
    ITEMS,
)


def test_people_like_the_categories_that_they_met() -> None:
    world, _ = make_recorded(FILMS, 100, NOW_MS, seed=0)
    ann, bob = world.shopper_ids.index("ann"), world.shopper_ids.index("bob")
    toy = np.array([world.goods.row_of["t1"]])
    assert world.attraction(ann, toy, -1) > world.attraction(bob, toy, -1)


def test_what_was_met_right_after_goes_with_an_item() -> None:
    goods = make_recorded(FILMS, 100, NOW_MS, seed=0)[0].goods
    assert goods.companions[goods.row_of["t1"]].tolist() == [goods.row_of["t2"], -1, -1, -1, -1]


def test_an_item_without_a_title_is_called_by_its_id() -> None:
    goods = make_recorded(FILMS, 100, NOW_MS, seed=0)[0].goods
    assert goods.titles[goods.row_of["w2"]] == "w2"


def test_the_past_keeps_each_persons_order_and_ends_before_now() -> None:
    past = make_recorded(FILMS, 100, NOW_MS, seed=0)[1]
    assert past.filter(pl.col("user_id") == "ann")["item_id"].to_list() == ["t1", "t2"]
    assert past["timestamp"].min() >= NOW_MS - 3 * DAY_MS
    assert past["timestamp"].max() < NOW_MS


def test_whole_people_are_drawn_up_to_the_limit() -> None:
    past = make_recorded(FILMS, 4, NOW_MS, seed=0)[1]
    assert past.group_by("user_id").len()["len"].to_list() == [2, 2]


def test_of_a_long_past_the_newest_events_are_kept() -> None:
    long = recorded([("ann", f"i{n}", n) for n in range(MAX_EVENTS_A_PERSON + 5)], None)
    past = make_recorded(long, 1_000, NOW_MS, seed=0)[1]
    assert past["item_id"].to_list()[0] == "i5"
    assert len(past) == MAX_EVENTS_A_PERSON


def test_data_without_descriptions_make_a_world_too() -> None:
    world, _ = make_recorded(recorded([("ann", "a", 1), ("bob", "b", 2)], None), 9, NOW_MS, 0)
    assert world.goods.titles == ["a", "b"]
    assert world.goods.prices == [None, None]


def test_without_categories_people_like_what_those_like_them_met() -> None:
    met = {"a": ("all", "tea", "cup", "pot"), "b": ("all", "bat", "net", "cap")}
    rows = [
        (f"{kind}{n}", item_id, place)
        for kind, items in met.items()
        for n in range(8)
        for place, item_id in enumerate(items)
    ]
    world, _ = make_recorded(recorded(rows, None), 999, NOW_MS, seed=0)
    items = np.array([world.goods.row_of[item_id] for item_id in ("cup", "net")])
    cup, net = world.attraction(world.shopper_ids.index("a0"), items, -1)
    assert cup > 2 * net


def test_events_without_items_make_no_world() -> None:
    with pytest.raises(EmptyDataError, match="no event names an item"):
        make_recorded(recorded([("ann", None, 1)], None), 9, NOW_MS, 0)
