"""Number what recurs in the log: pairs of user and page, and each user's ways between pages."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coadapt.data.batches import IntArray
from links.protocol import Log


class Edits(NamedTuple):
    """Hold the log and, for each event, its pair and its way.

    Pairs are numbered user by user: those of user u start at `first_pair[u]`. A way is a user's
    step from the page before to this one, -1 at a user's first event. `page_of` is a pair's page,
    `goal_of` a way's second page.
    """

    users: IntArray
    pages: IntArray
    times: IntArray
    pairs: IntArray
    ways: IntArray
    first_pair: IntArray
    page_of: IntArray
    goal_of: IntArray
    n_pages: int


def number_edits(log: Log) -> Edits:
    """Number pairs and ways; nothing is learned from them but that they are the same."""
    n_pages = int(log.pages.max()) + 1
    keys, pairs = np.unique(log.users * n_pages + log.pages, return_inverse=True)
    n_users = int(log.users.max()) + 1
    before = _pair_before(log.users, pairs)
    ways = np.full(len(pairs), -1, np.int64)
    steps, ways[before >= 0] = np.unique(
        (before * n_pages + log.pages)[before >= 0], return_inverse=True
    )
    return Edits(
        users=log.users,
        pages=log.pages,
        times=log.times,
        pairs=pairs,
        ways=ways,
        first_pair=np.searchsorted(keys, np.arange(n_users + 1) * n_pages),
        page_of=keys % n_pages,
        goal_of=steps % n_pages,
        n_pages=n_pages,
    )


def _pair_before(users: IntArray, pairs: IntArray) -> IntArray:
    """Return the pair of the same user's event before each event, -1 where there is none."""
    order = np.argsort(users, kind="stable")
    same = users[order][1:] == users[order][:-1]
    before = np.full(len(users), -1, np.int64)
    before[order[1:][same]] = pairs[order[:-1][same]]
    return before
