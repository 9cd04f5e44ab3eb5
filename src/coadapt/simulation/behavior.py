"""Say what a shopper does with a slate: where they look, what they click, put away and buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coadapt.data.batches import FloatArray, IntArray
from coadapt.simulation.worlds.base import World

SEVERITY = 0.7
P_CART_AFTER_CLICK = 0.3
P_PURCHASE_AFTER_CART = 0.4


@dataclass(frozen=True, slots=True)
class Reaction:
    """Hold what came of one clicked place: `position` counts from 1, `item` is a row."""

    position: int
    item: int
    is_in_cart: bool
    is_bought: bool


def examination(n_places: int, severity: float = SEVERITY) -> FloatArray:
    """Return the chance that each place is looked at: position ** -severity, 1 for the first."""
    chance: FloatArray = np.arange(1.0, n_places + 1.0, dtype=np.float64) ** -severity
    return chance


def react(
    world: World, shopper: int, items: IntArray, last: int, random: np.random.Generator
) -> list[Reaction]:
    """Draw what a shopper does with item rows shown in order (-1: not of this world).

    A click needs a look and attraction: p = examination(position) · attraction(shopper, item, last)
    (the position-based model, Craswell et al. 2008).
    """
    attraction = np.where(items >= 0, world.attraction(shopper, items, last), 0.0)
    draws = random.random((3, len(items)))
    is_clicked = draws[0] < examination(len(items)) * attraction
    is_in_cart = draws[1] < P_CART_AFTER_CLICK
    is_bought = is_in_cart & (draws[2] < P_PURCHASE_AFTER_CART)
    return [
        Reaction(place + 1, int(items[place]), bool(is_in_cart[place]), bool(is_bought[place]))
        for place in np.flatnonzero(is_clicked).tolist()
    ]
