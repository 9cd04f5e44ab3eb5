"""Remember which slate showed which item to whom, so that a reward finds its slate."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from coadapt.domain.queries import Person

SLATES_A_PERSON: Final = 20

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Exposure:
    """Hold one slate that was shown: to whom, when (epoch ms) and which items."""

    recommendation_id: str
    project: str
    person: Person
    shown_at: int
    item_ids: tuple[str, ...]


class Exposures:
    """Hold the newest slates, at most `capacity` in all and 20 a person; one thread writes."""

    def __init__(self, capacity: int = 200_000) -> None:
        self._capacity = capacity
        self._by_id: OrderedDict[str, Exposure] = OrderedDict()
        self._by_person: dict[Key, deque[str]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, exposure: Exposure) -> None:
        """Remember a slate and forget the oldest above the capacity."""
        self._by_id[exposure.recommendation_id] = exposure
        for key in keys_of(exposure.project, exposure.person):
            recent = self._by_person.setdefault(key, deque(maxlen=SLATES_A_PERSON))
            recent.append(exposure.recommendation_id)
        while len(self._by_id) > self._capacity:
            _, oldest = self._by_id.popitem(last=False)
            self._unlink(oldest)

    def find(self, recommendation_id: str) -> Exposure | None:
        """Return a slate by its id."""
        return self._by_id.get(recommendation_id)

    def last_of(self, project: str, person: Person, item_id: str) -> Exposure | None:
        """Return the newest slate that showed this item to this person."""
        candidates = (
            exposure
            for key in keys_of(project, person)
            for exposure in self._recent(key)
            if item_id in exposure.item_ids
        )
        return max(candidates, key=lambda exposure: exposure.shown_at, default=None)

    def forget(self, project: str, ids: frozenset[str]) -> None:
        """Forget the slates of erased people."""
        for identifier in ids:
            for person in (Person(user_id=identifier), Person(anonymous_id=identifier)):
                for key in keys_of(project, person):
                    for recommendation_id in self._by_person.pop(key, ()):
                        self._by_id.pop(recommendation_id, None)

    def _recent(self, key: Key) -> Iterator[Exposure]:
        """Yield the remembered slates of one id, newest first."""
        for recommendation_id in reversed(self._by_person.get(key, ())):
            exposure = self._by_id.get(recommendation_id)
            if exposure is not None:
                yield exposure

    def _unlink(self, exposure: Exposure) -> None:
        """Drop a forgotten slate from its person, and the person with their last slate."""
        for key in keys_of(exposure.project, exposure.person):
            recent = self._by_person.get(key)
            if recent and recent[0] == exposure.recommendation_id:
                recent.popleft()
            if not recent:
                self._by_person.pop(key, None)


def keys_of(project: str, person: Person) -> Iterator[Key]:
    """Yield one key for each id of a person."""
    if person.user_id is not None:
        yield project, f"u{person.user_id}"
    if person.anonymous_id is not None:
        yield project, f"a{person.anonymous_id}"
