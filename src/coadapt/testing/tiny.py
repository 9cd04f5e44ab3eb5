"""Make data so small that the right answer is obvious: two tastes, big and small spenders."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.dataset import Dataset, Vocabulary
from coadapt.data.stream import Stream
from coadapt.domain.durations import DAY_MS

N_ITEMS: Final = 12
N_USERS: Final = 40
N_SHOPPERS: Final = 60
SHOPPING_DAYS: Final = 240
FIRST_DAY_MS: Final = 1_577_836_800_000
"""1 January 2020."""


def two_tastes(seed: int = 0) -> Dataset:
    """Return 40 users who each meet four items of their own half: rows 0 to 5, or 6 to 11."""
    rng = np.random.default_rng(seed)
    items = np.argsort(rng.random((N_USERS, 6)), axis=1)[:, :4]
    items[N_USERS // 2 :] += 6
    n_events = items.size
    return Dataset(
        users=np.repeat(np.arange(N_USERS), 4),
        items=items.ravel(),
        types=np.zeros(n_events, np.int64),
        times=np.arange(n_events, dtype=np.int64),
        values=np.full(n_events, np.nan),
        user_ids=Vocabulary([f"u{row}" for row in range(N_USERS)]),
        item_ids=Vocabulary([f"i{row}" for row in range(N_ITEMS)]),
        type_names=("page_view",),
    )


def shoppers(seed: int = 0) -> Stream:
    """Return 240 days of 60 people's views, purchases of 5 to 500 and few refunds, as they came.

    The first half of them buys every ten days or so for ten times as much as the second half, who
    buy every forty days.
    """
    rng = np.random.default_rng(seed)
    n_events = 3000
    is_big = rng.random(n_events) < 0.8
    users = rng.integers(0, N_SHOPPERS // 2, n_events) + np.where(is_big, 0, N_SHOPPERS // 2)
    times = FIRST_DAY_MS + np.sort(rng.integers(0, SHOPPING_DAYS * DAY_MS, n_events))
    types = rng.choice(3, n_events, p=[0.7, 0.28, 0.02])
    amounts = np.where(is_big, 100.0, 10.0) * np.exp(rng.normal(0, 0.5, n_events))
    return Stream(
        users=users,
        items=rng.integers(0, N_ITEMS, n_events),
        hosts=np.full(n_events, -1),
        types=types,
        times=times,
        received=times,
        values=np.where(types == 0, np.nan, amounts),
        quantities=np.full(n_events, np.nan),
        type_names=("page_view", "purchase", "refund"),
        user_ids=Vocabulary([f"u{row}" for row in range(N_SHOPPERS)]),
        item_ids=Vocabulary([f"i{row}" for row in range(N_ITEMS)]),
        host_ids=Vocabulary([]),
    )
