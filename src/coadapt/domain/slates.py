"""Say what an answer is: chosen items with their propensities, and what produced them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Give one reason why an item is shown, with the events it rests on."""

    code: str
    text: str
    weight: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlateItem:
    """Place one item; `propensity` is its probability here, given the items above it."""

    item_id: str
    position: int
    score: float
    propensity: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Slate:
    """Answer a query; `fallback` names what answered when personalisation could not.

    `log_position` is the last event folded into the state that was used: with `as_of` it makes the
    answer reproducible.
    """

    recommendation_id: str
    items: tuple[SlateItem, ...]
    pipeline: str
    policy: str
    policy_version: str
    as_of: int
    log_position: int
    run: str | None = None
    fallback: str | None = None
    degraded: bool = False
    is_replay: bool = False
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """Say what a shown item led to; `reward` is in the event's own unit."""

    recommendation_id: str
    item_id: str
    event_type: str
    reward: float
    timestamp: int
