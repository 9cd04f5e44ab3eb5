"""Make data so small that the right answer is obvious: two tastes that never meet."""

from __future__ import annotations

from typing import Final

import numpy as np

from coadapt.data.dataset import Dataset, Vocabulary

N_ITEMS: Final = 12
N_USERS: Final = 40


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
