"""Play shoppers: each looks at slates, clicks what they truly like, and sometimes buys."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from coadapt.cli._play.client import ShopClient
from coadapt.cli._play.play import CONTROL_SHARE, N_PLACES, Deed, Score
from coadapt.simulation.behavior import Reaction, react
from coadapt.simulation.click_rate import ClickRate
from coadapt.simulation.worlds.base import World

JSON = dict[str, Any]

PAUSE_S = 0.45
"""Mean time that a shopper looks at a slate: faster than life, gentle to the machine."""

SLATES_A_VISIT = (2, 7)


@dataclass(frozen=True)
class Visit:
    """Hold who is in the shop, and whether they are shown popular slates."""

    shopper: int
    session_id: str
    person: JSON
    is_control: bool

    def event(self, kind: str, **parts: Any) -> JSON:
        """Return an event of this visit."""
        return {"type": kind, **self.person, "session_id": self.session_id, **parts}


@dataclass(frozen=True)
class Shown:
    """Hold a slate as the shopper sees it; popular ones have no recommendation_id."""

    item_ids: list[str]
    recommendation_id: str | None

    def origin(self) -> JSON:
        """Return what events say about where an item was shown."""
        if self.recommendation_id is None:
            return {"properties": {"list": "trending"}}
        return {"recommendation_id": self.recommendation_id}


class Crowd:
    """Play `n_at_once` shoppers until cancelled; who is in which group is drawn once, by seed."""

    def __init__(self, world: World, client: ShopClient, score: Score, seed: int) -> None:
        self._world = world
        self._client = client
        self._score = score
        self._random = np.random.default_rng((seed, 1))
        n_shoppers = len(world.shopper_ids)
        self._is_control = self._random.random(n_shoppers) < CONTROL_SHARE
        self._sessions = count(1)

    async def play(self, n_at_once: int) -> None:
        """Let shoppers come one after another on each of so many places."""
        await asyncio.gather(*(self._come_and_go() for _ in range(n_at_once)))

    async def _come_and_go(self) -> None:
        """Play one visit after another."""
        await asyncio.sleep(self._random.uniform(0, PAUSE_S))
        while True:
            await self._visit(self._next_visit())

    def _next_visit(self) -> Visit:
        """Draw who comes next."""
        shopper = int(self._random.integers(len(self._world.shopper_ids)))
        id_type = "user_id" if shopper < self._world.n_known else "anonymous_id"
        return Visit(
            shopper=shopper,
            session_id=f"s-{next(self._sessions)}",
            person={id_type: self._world.shopper_ids[shopper]},
            is_control=bool(self._is_control[shopper]),
        )

    async def _visit(self, visit: Visit) -> None:
        """Show a few slates, each in the light of what was clicked before."""
        last = -1
        await self._client.send([visit.event("page_view")])
        for _ in range(self._random.integers(*SLATES_A_VISIT)):
            shown = await self._show(visit)
            await asyncio.sleep(self._random.exponential(PAUSE_S))
            if shown.item_ids:
                last = await self._react(visit, shown, last)
        await self._client.send([visit.event("session_end")])

    async def _show(self, visit: Visit) -> Shown:
        """Ask for the slate of the visit's group and confirm that it was seen."""
        if visit.is_control:
            shown = Shown(await self._client.trending(N_PLACES), None)
        else:
            slate = await self._client.recommend(visit.person, N_PLACES)
            items = [] if slate is None else [item["item_id"] for item in slate["items"]]
            shown = Shown(items, None if slate is None else slate["recommendation_id"])
        if shown.item_ids:
            properties = {**shown.origin().get("properties", {}), "items": shown.item_ids}
            seen = {**shown.origin(), "properties": properties}
            await self._client.send([visit.event("view_item_list", **seen)])
        return shown

    async def _react(self, visit: Visit, shown: Shown, last: int) -> int:
        """Send what the shopper does with a slate; return the row of the last item of interest."""
        row_of = self._world.goods.row_of
        items = np.array([row_of.get(item_id, -1) for item_id in shown.item_ids])
        reactions = react(self._world, visit.shopper, items, last, self._random)
        self._rate_of(visit).add(visit.shopper, len(items), len(reactions))
        for reaction in reactions:
            for event in self._events(visit, shown, reaction):
                await self._client.send([event])
            self._tell(visit, reaction)
        return reactions[-1].item if reactions else last

    def _events(self, visit: Visit, shown: Shown, reaction: Reaction) -> list[JSON]:
        """Return the click and what followed it."""
        item_id = self._world.goods.ids[reaction.item]
        origin = {**shown.origin(), "item_id": item_id, "position": reaction.position}
        events = [visit.event("select_item", **origin)]
        if reaction.is_in_cart:
            events.append(visit.event("add_to_cart", **origin, quantity=1))
        if reaction.is_bought:
            price = self._world.goods.prices[reaction.item]
            paid = {} if price is None else {"value": price, "currency": "EUR"}
            events.append(visit.event("purchase", **origin, quantity=1, **paid))
        return events

    def _rate_of(self, visit: Visit) -> ClickRate:
        """Return where the exposures of this visit count."""
        return self._score.popular if visit.is_control else self._score.personalized

    def _tell(self, visit: Visit, reaction: Reaction) -> None:
        """Put what happened into words."""
        title = self._world.goods.titles[reaction.item]
        verb = "bought" if reaction.is_bought else "wants" if reaction.is_in_cart else "clicked"
        who = self._world.shopper_ids[visit.shopper]
        text = f"{who} {verb} {title}, place {reaction.position}"
        self._score.recent.append(Deed(text, visit.is_control))
