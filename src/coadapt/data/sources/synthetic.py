"""Make events of a stated shape: tastes, popularity, habits of sequence, and purchases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
from pydantic import Field
from typing_extensions import override

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, no_bad_rows
from coadapt.domain.durations import DAY_MS
from coadapt.domain.progress import Progress, no_progress

__all__ = ["Synthetic", "SyntheticConfig"]

ADJECTIVES = ("Plain", "Bright", "Soft", "Old", "Light", "Deep", "Small", "Wild")
NOUNS = ("tea", "lamp", "scarf", "bowl", "serum", "chair", "book", "lantern", "soap", "kite")


class SyntheticConfig(SourceConfig):
    """Hold the shape of the data.

    `popularity_skew` is the exponent of Zipf's law inside a category. With the chance `sequence` an
    event follows the last item's own successor, which only a model of order can foresee; otherwise
    the user looks at one of their two favourite categories, which all can learn.
    """

    n_users: Annotated[int, Field(ge=1, le=10_000_000)] = 500
    n_items: Annotated[int, Field(ge=1, le=10_000_000)] = 300
    n_events: Annotated[int, Field(ge=1, le=200_000_000)] = 20_000
    n_categories: Annotated[int, Field(ge=1, le=10_000)] = 8
    popularity_skew: Annotated[float, Field(ge=0, le=5)] = 0.8
    sequence: Annotated[float, Field(ge=0, le=1)] = 0.5
    p_add_to_cart: Annotated[float, Field(ge=0, le=1)] = 0.15
    p_purchase: Annotated[float, Field(ge=0, le=1)] = 0.05
    n_days: Annotated[int, Field(ge=1, le=10_000)] = 30
    start_ms: Annotated[int, Field(ge=631_152_000_000, le=3_000_000_000_000)] = 1_790_000_000_000
    seed: Annotated[int, Field(ge=0)] = 0


class Synthetic(Source[SyntheticConfig]):
    """Draw events; the same config gives the same data. No file is read."""

    Config = SyntheticConfig

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        return False

    @override
    def read(self, path: Path | None = None, progress: Progress = no_progress) -> SourceTable:
        config = self.config
        random = np.random.default_rng(config.seed)
        prices: FloatArray = np.round(random.lognormal(3.0, 0.8, config.n_items), 2)
        users = _users(config, random)
        items = _items(config, users, random)
        events = _events(config, users, items, prices, random)
        return SourceTable(
            name="synthetic",
            events=events,
            bad_rows=no_bad_rows(),
            n_rows_read=events.height,
            files=(),
            item_table=_item_table(config, prices),
        )


def _users(config: SyntheticConfig, random: np.random.Generator) -> IntArray:
    """Return the user of each event, sorted; activity is log-normal, everybody has an event."""
    activity = np.exp(random.normal(0.0, 0.7, config.n_users))
    n_free = max(config.n_events - config.n_users, 0)
    drawn = random.choice(config.n_users, n_free, p=activity / activity.sum())
    everybody = np.arange(config.n_users)[: config.n_events]
    return np.sort(np.concatenate([everybody, drawn]))


def _items(config: SyntheticConfig, users: IntArray, random: np.random.Generator) -> IntArray:
    """Return the item of each event.

    Item i is of category i mod n_categories; its successor is fixed. An event that follows a chain
    stands k steps behind the last free choice, so it is that item moved k times: no loop over time.
    """
    n_events = len(users)
    is_first = np.concatenate(([True], users[1:] != users[:-1]))
    is_free = is_first | (random.random(n_events) >= config.sequence)
    last_free = np.maximum.accumulate(np.where(is_free, np.arange(n_events), 0))
    free_items = _free_choices(config, users, random)
    cycle = random.permutation(config.n_items)
    place = np.argsort(cycle)
    steps = np.arange(n_events) - last_free
    items: IntArray = cycle[(place[free_items[last_free]] + steps) % config.n_items]
    return items


def _free_choices(
    config: SyntheticConfig, users: IntArray, random: np.random.Generator
) -> IntArray:
    """Return an item of a favourite category for each event, the popular ones more often."""
    favourites = random.integers(config.n_categories, size=(config.n_users, 2))
    which = (random.random(len(users)) < 0.3).astype(np.int64)
    categories = favourites[users, which] % min(config.n_categories, config.n_items)
    n_in_category = (config.n_items - 1 - categories) // config.n_categories + 1
    ranks = _zipf(n_in_category, config.popularity_skew, random)
    return categories + ranks * config.n_categories


def _zipf(sizes: IntArray, skew: float, random: np.random.Generator) -> IntArray:
    """Draw a rank below each size with a chance of about (rank + 1) ** -skew."""
    uniform = random.random(len(sizes))
    power = 1.0 - skew
    if abs(power) < 1e-9:
        ranks: FloatArray = (sizes + 1.0) ** uniform - 1.0
    else:
        ranks = (uniform * ((sizes + 1.0) ** power - 1.0) + 1.0) ** (1.0 / power) - 1.0
    return np.minimum(ranks.astype(np.int64), sizes - 1)


def _events(
    config: SyntheticConfig,
    users: IntArray,
    items: IntArray,
    prices: FloatArray,
    random: np.random.Generator,
) -> pl.DataFrame:
    """Return the events in order of time; purchases carry a value."""
    times = config.start_ms + random.integers(config.n_days * DAY_MS, size=len(users))
    times = times[np.lexsort((times, users))]
    draw = random.random(len(users))
    is_purchase = draw < config.p_purchase
    is_cart = ~is_purchase & (draw < config.p_purchase + config.p_add_to_cart)
    frame = pl.DataFrame({"user": users, "item": items, "timestamp": times})
    frame = frame.select(
        user_id=pl.format("u{}", "user"),
        item_id=pl.format("i{}", "item"),
        type=pl.Series(np.select([is_purchase, is_cart], ["purchase", "add_to_cart"], "page_view")),
        timestamp="timestamp",
        value=pl.Series(np.where(is_purchase, prices[items], np.nan)).fill_nan(None),
    )
    frame = frame.sort("timestamp", maintain_order=True)
    return frame.with_row_index("line", 1).select(pl.exclude("line"), pl.col("line").cast(pl.Int64))


def _item_table(config: SyntheticConfig, prices: FloatArray) -> pl.DataFrame:
    """Return id, title, category and price of each item."""
    rows = np.arange(config.n_items)
    adjectives, nouns = np.array(ADJECTIVES), np.array(NOUNS)
    frame = pl.DataFrame(
        {
            "row": rows,
            "adjective": adjectives[rows % len(adjectives)],
            "noun": nouns[rows // len(adjectives) % len(nouns)],
            "kind": rows % config.n_categories,
            "price": prices,
        }
    )
    return frame.select(
        item_id=pl.format("i{}", "row"),
        title=pl.format("{} {} {}", "adjective", "noun", "row"),
        category=pl.format("category {}", "kind"),
        price="price",
    )
