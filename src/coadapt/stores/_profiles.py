"""Keep what people said about themselves: properties, whom they follow, consent."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class _Facts:
    """Hold one person's facts as (time, position, fact), oldest first."""

    properties: list[tuple[int, int, Mapping[str, Any]]] = field(default_factory=list)
    follows: list[tuple[int, int, str]] = field(default_factory=list)
    consents: list[tuple[int, int, bool]] = field(default_factory=list)


class Profiles:
    """Fold `$user`, `$consent` and `follow` events by person number."""

    def __init__(self) -> None:
        self._facts: dict[int, _Facts] = {}

    def fold(self, person: int, kind: str, when: tuple[int, int], body: Mapping[str, Any]) -> None:
        """Take in one event; `when` is its time and log position."""
        facts = self._facts.setdefault(person, _Facts())
        properties = body.get("properties") or {}
        if kind == "$consent":
            _put(facts.consents, when, bool(properties.get("personalization", True)))
        elif kind == "$user":
            _put(facts.properties, when, properties.get("properties") or {})
            for followed in properties.get("follows") or ():
                _put(facts.follows, when, followed)
        else:
            followed = body.get("target_user_id") or body.get("host_id")
            if followed:
                _put(facts.follows, when, followed)

    def retract(self, person: int, when: Sequence[int]) -> None:
        """Forget what one event of a person's profile said."""
        facts = self._facts.get(person, _Facts())
        facts.properties = [row for row in facts.properties if _when(row) != tuple(when)]
        facts.follows = [row for row in facts.follows if _when(row) != tuple(when)]

    def merge(self, old: int, new: int) -> None:
        """Give one person's facts to another."""
        facts = self._facts.pop(old, None)
        if facts is None:
            return
        into = self._facts.setdefault(new, _Facts())
        into.properties = sorted(into.properties + facts.properties, key=_when)
        into.follows = sorted(into.follows + facts.follows, key=_when)
        into.consents = sorted(into.consents + facts.consents, key=_when)

    def is_known(self, person: int, *, as_of: int) -> bool:
        """Tell whether anything was said by an instant."""
        facts = self._facts.get(person, _Facts())
        firsts = (rows[0][0] for rows in (facts.properties, facts.follows, facts.consents) if rows)
        return min(firsts, default=as_of + 1) <= as_of

    def properties(self, person: int, *, as_of: int) -> dict[str, Any]:
        """Return a person's properties; newer ones replace older of the same name."""
        facts = self._facts.get(person, _Facts())
        return {
            k: v for time, _, said in facts.properties if time <= as_of for k, v in said.items()
        }

    def follows(self, person: int, *, as_of: int) -> tuple[str, ...]:
        """Return whom a person follows, each once, longest first."""
        facts = self._facts.get(person, _Facts())
        return tuple(dict.fromkeys(who for time, _, who in facts.follows if time <= as_of))

    def is_personalized(self, person: int, *, as_of: int) -> bool:
        """Return a person's newest consent, True if they never said."""
        facts = self._facts.get(person)
        if facts is None:
            return True
        return next((said for time, _, said in reversed(facts.consents) if time <= as_of), True)

    def drop(self, people: Iterable[int], ids: frozenset[str]) -> None:
        """Forget people, and whoever follows them."""
        for person in people:
            self._facts.pop(person, None)
        for facts in self._facts.values():
            facts.follows = [row for row in facts.follows if row[2] not in ids]

    def drop_at(self, positions: Collection[int]) -> None:
        """Forget what events at these log positions said."""
        gone = frozenset(positions)
        for facts in self._facts.values():
            facts.properties = [row for row in facts.properties if row[1] not in gone]
            facts.follows = [row for row in facts.follows if row[1] not in gone]
            facts.consents = [row for row in facts.consents if row[1] not in gone]


def _put(rows: list[Any], when: tuple[int, int], fact: Any) -> None:
    """Insert a fact at its time."""
    insort(rows, (*when, fact), key=_when)


def _when(row: tuple[Any, ...]) -> tuple[int, int]:
    """Return time and log position of a fact."""
    return row[0], row[1]
