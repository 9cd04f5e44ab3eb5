"""Say what an event is: one fact about a person, an item and a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

DEFAULT_PROJECT: Final = "default"

BEHAVIOURS: Final = (
    "page_view",
    "select_item",
    "add_to_cart",
    "purchase",
    "comment",
    "like",
    "send_gift",
    "share",
    "follow",
    "user_engagement",
    "scroll",
    "replay_request",
    "host_mention",
    "session_end",
    "view_item_list",
    "not_interested",
    "remove_from_cart",
    "refund",
)
"""The behaviours of live commerce, under GA4's names where GA4 has one."""

INTEREST: Final = frozenset(BEHAVIOURS) - {
    "session_end",
    "view_item_list",
    "not_interested",
    "remove_from_cart",
    "refund",
}
"""Behaviours that put an item into a person's history; unknown types count as a view and do too."""

NEGATIVE: Final = frozenset({"not_interested", "remove_from_cart", "refund"})


@dataclass(frozen=True, slots=True)
class Event:
    """State one fact.

    Times are epoch milliseconds, `value` is the event's total and not a unit price. `digest`
    identifies the body as the client sent it, so that the same `event_id` with another body is told
    from a repeated one.
    """

    event_id: str
    type: str
    timestamp: int
    project: str = DEFAULT_PROJECT
    user_id: str | None = None
    anonymous_id: str | None = None
    session_id: str | None = None
    item_id: str | None = None
    host_id: str | None = None
    target_user_id: str | None = None
    value: float | None = None
    quantity: float | None = None
    currency: str | None = None
    transaction_id: str | None = None
    text: str | None = None
    recommendation_id: str | None = None
    position: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    received_at: int = 0
    digest: str = ""


def is_interest(event_type: str) -> bool:
    """Tell whether an event of this type puts its item into the person's history."""
    if event_type in INTEREST:
        return True
    return event_type not in BEHAVIOURS and not event_type.startswith("$")
