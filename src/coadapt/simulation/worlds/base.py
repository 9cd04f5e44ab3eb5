"""Hold what shoppers want: the truth that no recommender is shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from coadapt.data.batches import FloatArray, IntArray

COMPANION_LOGIT = 2.0
"""How much what goes with the last item attracts more."""


@dataclass(frozen=True)
class Goods:
    """Describe the items: `table` has `item_id`, `title`, `category` and `price`, null if unknown.

    `features` says how much an item is of each category, shape (n_items, n_categories), rows of sum
    one or zero. `appeal` are log-odds. `companions` are the rows that go with an item, shape
    (n_items, n), -1: none.
    """

    table: pl.DataFrame
    features: FloatArray
    appeal: FloatArray
    companions: IntArray

    @cached_property
    def ids(self) -> list[str]:
        """Return the item ids in row order."""
        return self.table["item_id"].to_list()

    @cached_property
    def titles(self) -> list[str]:
        """Return what people call each item."""
        return self.table["title"].fill_null(self.table["item_id"]).to_list()

    @cached_property
    def prices(self) -> list[float | None]:
        """Return the price of each item, None if unknown."""
        return self.table["price"].to_list()

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Return the row of each id."""
        return {item_id: row for row, item_id in enumerate(self.ids)}


@dataclass(frozen=True)
class World:
    """Hold goods and shoppers; the first `n_known` of `shopper_ids` have a past, the others none.

    `tastes` are log-odds of each category, shape (n_shoppers, n_categories). `baseline` are the
    log-odds of a click on an item that is looked at and means nothing to a shopper.
    """

    goods: Goods
    shopper_ids: list[str]
    n_known: int
    tastes: FloatArray
    baseline: float = -4.0

    def logits(self, shoppers: IntArray, last: IntArray) -> FloatArray:
        """Return how much each item attracts, shape (n, n_items); `last` is an item row or -1."""
        goods = self.goods
        logits: FloatArray = self.tastes[shoppers] @ goods.features.T + goods.appeal
        companions = np.where(last[:, None] >= 0, goods.companions[last], -1)
        asked, places = np.nonzero(companions >= 0)
        logits[asked, companions[asked, places]] += COMPANION_LOGIT
        return logits

    def attraction(self, shopper: int, items: IntArray, last: int) -> FloatArray:
        """Return the chance that a shopper clicks each item that they look at."""
        logits = self.logits(np.array([shopper]), np.array([last]))[0, items]
        chance: FloatArray = 1.0 / (1.0 + np.exp(-(logits + self.baseline)))
        return chance
