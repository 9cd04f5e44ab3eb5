"""Say what a client may ask: who, how many, where, and what must not be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from coadapt.domain.events import DEFAULT_PROJECT


@dataclass(frozen=True, slots=True)
class Person:
    """Name a person by a pseudonymous id, an anonymous id, or both.

    Neither is an unknown visitor.
    """

    user_id: str | None = None
    anonymous_id: str | None = None


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Keep items whose attribute is among the listed values and whose price is in the limits."""

    one_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    min_price: float | None = None
    max_price: float | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Ask for a slate; `as_of` is epoch milliseconds, `history` replaces the stored one."""

    person: Person
    as_of: int
    project: str = DEFAULT_PROJECT
    count: int = 10
    surface: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[str, ...] | None = None
    item_ids: tuple[str, ...] | None = None
    exclude_item_ids: frozenset[str] = frozenset()
    item_filter: ItemFilter | None = None
    explain: bool = False
    is_replay: bool = False
