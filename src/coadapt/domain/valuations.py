"""Say what an answer about a person's value is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Driver:
    """Say how much the events of one type raised or lowered the expected spend, in currency."""

    type: str
    contribution: float


@dataclass(frozen=True, slots=True)
class Valuation:
    """Forecast a person's net spend within the horizon from `as_of` (epoch ms).

    `quantiles` are by level. `prior`: nothing of the person went in, and `fallback` says why:
    "cold", nothing is known of them, or "opted_out". What a model does not forecast is None.
    """

    user_id: str
    as_of: int
    horizon_days: int
    currency: str | None
    expected_spend: float
    quantiles: Mapping[str, float]
    p_purchase_session: float | None
    p_return: float | None
    segment: str
    drivers: tuple[Driver, ...] | None
    events_seen: int
    run: str
    prior: bool = False
    fallback: str | None = None
    replay: bool = False
