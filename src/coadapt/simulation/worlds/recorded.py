"""Make a world of recorded data: tastes are read off people's own pasts, by category.

What somebody likes are the categories they met more often than others do (groups of items that the
same people met, where data tell no category); what goes with an item is what people most distinctly
met right after it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.sources.base import SourceTable
from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import EmptyDataError
from coadapt.simulation.worlds._topics import topics
from coadapt.simulation.worlds.base import Goods, World

N_COMPANIONS = 5
PAST_MS = 3 * DAY_MS
SMOOTHING_EVENTS = 10.0
TASTE_STRENGTH = 2.5
NEWCOMERS_SHARE = 0.1
MAX_EVENTS_A_PERSON = 60


def make_recorded(
    table: SourceTable, max_events: int, now_ms: int, seed: int
) -> tuple[World, pl.DataFrame]:
    """Return a world and its past, which is moved into the three days before an instant.

    People are drawn, each with their newest events, until `max_events` are reached. Raises
    EmptyDataError.
    """
    random = np.random.default_rng(seed)
    events = table.events.drop_nulls("item_id")
    if events.is_empty():
        raise EmptyDataError(f"{table.name}: no event names an item; name other data")
    goods = _goods(events, table.item_table)
    past = _sample(events, max_events, random)
    known = past["user_id"].unique(maintain_order=True)
    tastes = _tastes(past, known, goods)
    n_new = max(1, round(len(known) * NEWCOMERS_SHARE))
    newcomers = [f"visitor-{n + 1}" for n in range(n_new)]
    like = random.integers(len(known), size=n_new)
    world = World(
        goods, known.to_list() + newcomers, len(known), np.concatenate((tastes, tastes[like]))
    )
    return world, _moved(past, now_ms)


def _goods(events: pl.DataFrame, item_table: pl.DataFrame | None) -> Goods:
    """Return the items that events name, with what is known about them."""
    counts = events.group_by("item_id", maintain_order=True).len("n_events")
    described = counts if item_table is None else _joined(counts, item_table)
    missing = [name for name in ("title", "category", "price") if name not in described.columns]
    described = described.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    table = described.select(
        "item_id", "title", "category", price=pl.col("price").cast(pl.Float64, strict=False)
    )
    popularity = np.log(described["n_events"].to_numpy().astype(float))
    appeal: FloatArray = 0.5 * (popularity - popularity.mean()) / max(popularity.std(), 1e-9)
    has_categories = table["category"].null_count() < len(table)
    features = _features(table["category"]) if has_categories else topics(events, table["item_id"])
    return Goods(table, features, appeal, _companions(events, table))


def _joined(counts: pl.DataFrame, item_table: pl.DataFrame) -> pl.DataFrame:
    """Add the attributes of items, one row each."""
    unique = item_table.unique("item_id", keep="first")
    return counts.join(unique, on="item_id", how="left", maintain_order="left")


def _features(categories: pl.Series) -> FloatArray:
    """Return how much each item is of each category; several are joined by `|`."""
    parts = pl.DataFrame({"row": np.arange(len(categories)), "name": categories.str.split("|")})
    flat = parts.explode("name").drop_nulls("name")
    names = flat["name"].unique(maintain_order=True)
    features = np.zeros((len(categories), max(1, len(names))))
    column = flat.join(
        pl.DataFrame({"name": names, "column": np.arange(len(names))}),
        on="name",
        maintain_order="left",
    )
    features[column["row"].to_numpy(), column["column"].to_numpy()] = 1.0
    normalized: FloatArray = features / np.maximum(features.sum(axis=1, keepdims=True), 1.0)
    return normalized


def _companions(events: pl.DataFrame, table: pl.DataFrame) -> IntArray:
    """Return what is met right after an item more often than popularity tells, best first."""
    rows = table.select("item_id", row=pl.int_range(pl.len(), dtype=pl.Int64))
    ordered = events.sort("timestamp", maintain_order=True).join(
        rows, on="item_id", maintain_order="left"
    )
    pairs = ordered.select("row", next=pl.col("row").shift(-1).over("user_id")).drop_nulls()
    counted = pairs.filter(pl.col("row") != pl.col("next")).group_by("row", "next").len("n")
    popularity = ordered.group_by(pl.col("row").alias("next")).len("n_next")
    lift = pl.col("n") / pl.col("n_next").sqrt()
    best = (
        counted.join(popularity, on="next")
        .sort(lift, "row", "next", descending=[True, False, False])
        .group_by("row", maintain_order=True)
        .head(N_COMPANIONS)
        .with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64).over("row"))
    )
    companions = np.full((len(table), N_COMPANIONS), -1, np.int64)
    companions[best["row"].to_numpy(), best["place"].to_numpy()] = best["next"].to_numpy()
    return companions


def _sample(events: pl.DataFrame, max_events: int, random: np.random.Generator) -> pl.DataFrame:
    """Return the newest events of people drawn by lot, at least one person's."""
    events = events.sort("timestamp", maintain_order=True)
    events = events.filter(pl.int_range(pl.len(), 0, -1).over("user_id") <= MAX_EVENTS_A_PERSON)
    sizes = events.group_by("user_id", maintain_order=True).len("n")
    drawn = sizes[random.permutation(len(sizes))]
    is_in = (pl.col("n").cum_sum() <= max_events) | (pl.int_range(pl.len()) == 0)
    return events.join(drawn.filter(is_in), on="user_id", how="semi", maintain_order="left")


def _tastes(past: pl.DataFrame, known: pl.Series, goods: Goods) -> FloatArray:
    """Return each person's log share of categories over everybody's, smoothed towards it."""
    users = past.join(
        pl.DataFrame({"user_id": known, "user": np.arange(len(known))}),
        on="user_id",
        maintain_order="left",
    )["user"].to_numpy()
    rows = past.join(
        pl.DataFrame({"item_id": goods.ids, "row": np.arange(len(goods.ids))}),
        on="item_id",
        maintain_order="left",
    )["row"].to_numpy()
    counts = np.zeros((len(known), goods.features.shape[1]))
    np.add.at(counts, users, goods.features[rows])
    usual = (counts.sum(axis=0) + 1.0) / (counts.sum() + counts.shape[1])
    n_events = counts.sum(axis=1, keepdims=True)
    share = (counts + SMOOTHING_EVENTS * usual) / (n_events + SMOOTHING_EVENTS)
    tastes: FloatArray = TASTE_STRENGTH * np.log(share / usual)
    return tastes


def _moved(past: pl.DataFrame, now_ms: int) -> pl.DataFrame:
    """Return each person's events in their order, spread evenly over the days before an instant.

    Real times may span years and come person by person; what is popular "now" would then be what
    the last few people liked.
    """
    place = pl.int_range(pl.len(), 0, -1).over("user_id") - 0.5
    age_ms = (place / pl.len().over("user_id") * PAST_MS).cast(pl.Int64)
    columns = past.select("user_id", "item_id", "type", "value", timestamp=now_ms - age_ms)
    return columns.sort("timestamp", maintain_order=True)
