"""Name what a play is asked for and what it has shown so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from coadapt.simulation.click_rate import ClickRate
from coadapt.simulation.worlds.base import World

N_PLACES = 10
"""Items a slate."""

N_SHOPPERS = 12
"""Shoppers at once."""

CONTROL_SHARE = 1 / 3
"""Share of the shoppers who are shown what is popular."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Hold what the command line asks for; `seconds` None plays until it is stopped."""

    source: str | None = None
    path: str = ""
    method: str = "ease"
    port: int = 0
    seed: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """Hold how good the trained run is on held-out events, beside popularity on the same split."""

    metric: str
    method: str
    value: float
    popularity: float
    run: str


@dataclass(frozen=True, slots=True)
class Change:
    """Hold a slate before and after one event, as item ids; no chance takes part in either.

    `seen` are the items that the visitor had looked at before.
    """

    seen: tuple[str, ...]
    event: Mapping[str, Any]
    before: tuple[str, ...]
    after: tuple[str, ...]
    ms_until_changed: float

    @property
    def is_changed(self) -> bool:
        """Tell whether the event changed the slate."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Deed:
    """Say what a shopper did, and whether their group is shown what is popular."""

    text: str
    is_control: bool


@dataclass
class Score:
    """Add up what happens while shoppers play."""

    personalized: ClickRate
    popular: ClickRate
    recent: deque[Deed] = field(default_factory=lambda: deque(maxlen=12))
    change: Change | None = None

    @classmethod
    def of(cls, world: World) -> Score:
        """Return an empty score for the shoppers of a world."""
        n_shoppers = len(world.shopper_ids)
        return cls(ClickRate(n_shoppers), ClickRate(n_shoppers))
