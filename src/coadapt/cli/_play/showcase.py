"""Show what one event does: ask, send it, ask again, under a policy without chance."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from coadapt.cli._play.client import ShopClient
from coadapt.cli._play.play import N_PLACES, Change
from coadapt.cli._play.stage import STILL
from coadapt.data.batches import IntArray
from coadapt.simulation.worlds.base import World

JSON = dict[str, Any]

N_VIEWS = 1
MAX_WAIT_S = 2.0


async def change_by_one_event(world: World, client: ShopClient, n_th: int) -> Change | None:
    """Return what the `n_th` visitor saw before and after one event; None if an answer failed.

    The visitor has looked at an item of one category and then puts one of another into the cart.
    """
    seen, wanted = _items(world, n_th)
    person = {"anonymous_id": f"showcase-{n_th + 1}"}
    views = [{"type": "page_view", **person, "item_id": world.goods.ids[row]} for row in seen]
    await client.send(views, STILL)
    before = await _slate(client, person)
    event = {"type": "add_to_cart", **person, "item_id": world.goods.ids[wanted], "quantity": 1}
    started_s = time.perf_counter()
    await client.send([event], STILL)
    after = await _slate(client, person)
    while after == before and time.perf_counter() - started_s < MAX_WAIT_S:
        after = await _slate(client, person)
    waited_ms = (time.perf_counter() - started_s) * 1e3
    if not before or not after:
        return None
    return Change(
        seen=tuple(view["item_id"] for view in views),
        event=event,
        before=tuple(before),
        after=tuple(after),
        ms_until_changed=round(waited_ms, 1),
    )


async def _slate(client: ShopClient, person: JSON) -> list[str]:
    """Return the greedy slate of a person, without anything if there is no answer."""
    slate = await client.recommend(person, N_PLACES, STILL)
    return [] if slate is None else [item["item_id"] for item in slate["items"]]


def _items(world: World, n_th: int) -> tuple[IntArray, int]:
    """Return what is looked at and what is put into the cart, other categories for each visitor."""
    first, second = _best_of(world, n_th), _best_of(world, n_th + 1)
    others = [row for row in second.tolist() if row not in first[:N_VIEWS]]
    return first[:N_VIEWS], others[0]


def _best_of(world: World, n_th: int) -> IntArray:
    """Return the items of a category, the most attractive first; categories by their size."""
    goods = world.goods
    category = goods.features.argmax(axis=1)
    by_size = np.argsort(-np.bincount(category), kind="stable")
    by_size = by_size[np.bincount(category)[by_size] > N_VIEWS]
    wanted = by_size[n_th % len(by_size)] if len(by_size) else category[0]
    rows = np.flatnonzero(category == wanted)
    best: IntArray = rows[np.argsort(-goods.appeal[rows], kind="stable")]
    return best
