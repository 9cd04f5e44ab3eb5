"""Make up a small shop: what it sells, who comes, what each of them likes, and the last days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from coadapt.data.batches import FloatArray, IntArray
from coadapt.domain.durations import DAY_MS
from coadapt.simulation.worlds._assortment import ASSORTMENT, NAMES, VARIANTS
from coadapt.simulation.worlds.base import Goods, World

P_CART = 0.15
P_PURCHASE = 0.06
PAST_MS = 3 * DAY_MS


@dataclass(frozen=True)
class ShopConfig:
    """Hold the size of the shop; the last `n_newcomers` of `n_shoppers` have no past."""

    n_shoppers: int = 1200
    n_newcomers: int = 120
    events_a_shopper: int = 14
    seed: int = 0


def make_shop(config: ShopConfig, now_ms: int) -> tuple[World, pl.DataFrame]:
    """Return a shop and its past, which ends at an instant; the same seed makes the same shop.

    A past step is a draw from the softmax of the world's own log-odds over what is new to the
    shopper, so the past tells of the same tastes that will click later.
    """
    random = np.random.default_rng(config.seed)
    world = World(
        goods=_goods(random),
        shopper_ids=_shopper_ids(config),
        n_known=config.n_shoppers - config.n_newcomers,
        tastes=_tastes(config.n_shoppers, random),
    )
    return world, _past(world, config.events_a_shopper, now_ms, random)


def _goods(random: np.random.Generator) -> Goods:
    """Return every thing of each department in each variant; the next thing goes with a thing."""
    rows = [
        (f"{variant} {thing}", department, usual * (1 + 0.5 * level))
        for department, (usual, things) in ASSORTMENT.items()
        for thing in things.split(", ")
        for level, variant in enumerate(VARIANTS)
    ]
    frame = pl.DataFrame(rows, schema=["title", "category", "usual"], orient="row")
    factors = pl.Series(random.lognormal(0.0, 0.35, len(rows)))
    table = frame.select(
        item_id=pl.col("title").str.to_lowercase().str.replace_all(" ", "-"),
        title="title",
        category="category",
        price=(pl.col("usual") * factors).floor() + 0.9,
    )
    departments = np.repeat(np.arange(len(ASSORTMENT)), len(rows) // len(ASSORTMENT))
    features: FloatArray = np.eye(len(ASSORTMENT))[departments]
    return Goods(table, features, random.normal(0.0, 0.6, len(rows)), _companions(len(rows)))


def _companions(n_items: int) -> IntArray:
    """Return, for each item, every variant of the next thing of its department."""
    n_variants, n_things = len(VARIANTS), n_items // len(VARIANTS)
    things = np.repeat(np.arange(n_things), n_variants)
    n_in_department = n_things // len(ASSORTMENT)
    department, place = np.divmod(things, n_in_department)
    following = department * n_in_department + (place + 1) % n_in_department
    companions: IntArray = following[:, None] * n_variants + np.arange(n_variants)
    return companions


def _tastes(n_shoppers: int, random: np.random.Generator) -> FloatArray:
    """Return a liking for two departments each, on a little noise."""
    tastes: FloatArray = random.normal(0.0, 0.4, (n_shoppers, len(ASSORTMENT)))
    favourites = random.random(tastes.shape).argsort(axis=1)[:, :2]
    tastes[np.arange(n_shoppers), favourites[:, 0]] += 2.6
    tastes[np.arange(n_shoppers), favourites[:, 1]] += 1.6
    return tastes


def _shopper_ids(config: ShopConfig) -> list[str]:
    """Return first names with a number; newcomers are visitors."""
    names = NAMES.split()
    n_known = config.n_shoppers - config.n_newcomers
    known = [f"{names[n % len(names)]}-{n // len(names) + 1}" for n in range(n_known)]
    return known + [f"visitor-{n + 1}" for n in range(config.n_newcomers)]


def _past(world: World, n_steps: int, now_ms: int, random: np.random.Generator) -> pl.DataFrame:
    """Return the events of all known shoppers, step by step for everybody at once."""
    shoppers = np.arange(world.n_known)
    items = np.full((world.n_known, n_steps), -1, np.int64)
    is_new = np.ones((world.n_known, len(world.goods.ids)), np.bool_)
    last = np.full(world.n_known, -1, np.int64)
    for step in range(n_steps):
        logits = np.where(is_new, world.logits(shoppers, last), -np.inf)
        # The largest of log-odds plus Gumbel noise is a draw from their softmax.
        last = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
        items[:, step] = last
        is_new[shoppers, last] = False
    times = np.sort(random.integers(now_ms - PAST_MS, now_ms, items.shape), axis=1)
    return _events(world, items, times, random)


def _events(
    world: World, items: IntArray, times: IntArray, random: np.random.Generator
) -> pl.DataFrame:
    """Return the steps as events in order of time; purchases carry the price."""
    draw = random.random(items.size)
    limits = [draw < P_PURCHASE, draw < P_PURCHASE + P_CART]
    types = np.select(limits, ["purchase", "add_to_cart"], "page_view")
    frame = pl.DataFrame(
        {
            "user_id": np.repeat(np.array(world.shopper_ids[: len(items)]), items.shape[1]),
            "item_id": np.array(world.goods.ids)[items.ravel()],
            "type": types,
            "timestamp": times.ravel(),
            "value": world.goods.table["price"].to_numpy()[items.ravel()],
        }
    )
    value = pl.when(pl.col("type") == "purchase").then("value")
    return frame.with_columns(value=value).sort("timestamp", maintain_order=True)
