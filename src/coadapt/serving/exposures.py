"""Remember which slate showed which item to whom, so that a reward finds its slate."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from coadapt.domain.queries import Person
from coadapt.stores.base import PersonIds

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
    """Hold the newest slates, at most `capacity` in all and so many a person; one thread writes.

    A slate is the user's where there is one: shown on a device that others use too, it may be
    found no more under the device's id while it still is under the user's.
    """

    def __init__(self, capacity: int = 200_000, slates_a_person: int = SLATES_A_PERSON) -> None:
        self._capacity = capacity
        self._slates_a_person = slates_a_person
        self._by_id: OrderedDict[str, Exposure] = OrderedDict()
        self._by_person: dict[Key, deque[str]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, exposure: Exposure) -> None:
        """Remember a slate and forget the oldest above the capacity."""
        self._by_id[exposure.recommendation_id] = exposure
        for key in keys_of(exposure.project, exposure.person):
            recent = self._by_person.setdefault(key, deque())
            recent.append(exposure.recommendation_id)
            if len(recent) > self._slates_a_person:
                self._evict(key, recent.popleft())
        while len(self._by_id) > self._capacity:
            self._drop(next(iter(self._by_id)))

    def find(self, recommendation_id: str) -> Exposure | None:
        """Return a slate by its id."""
        return self._by_id.get(recommendation_id)

    def last_of(
        self, project: str, person: Person, item_id: str, *, at: int, window_ms: int
    ) -> Exposure | None:
        """Return the last slate before an instant that showed this person this item.

        One that is older than the window does not count.
        """
        candidates = (
            exposure
            for key in keys_of(project, person)
            for exposure in self._recent(key)
            if item_id in exposure.item_ids and 0 <= at - exposure.shown_at <= window_ms
        )
        return max(candidates, key=lambda exposure: exposure.shown_at, default=None)

    def forget(self, project: str, ids: PersonIds, recommendation_ids: Iterable[str] = ()) -> None:
        """Forget the slates of an erased person, and those that an erasure removed by their ids."""
        people = [Person(user_id=i) for i in ids.user_ids]
        people += [Person(anonymous_id=i) for i in ids.anonymous_ids]
        for person in people:
            for key in keys_of(project, person):
                for recommendation_id in [*self._by_person.get(key, ())]:
                    self._drop(recommendation_id)
        for recommendation_id in self._by_id.keys() & set(recommendation_ids):
            self._drop(recommendation_id)

    def _recent(self, key: Key) -> Iterator[Exposure]:
        """Yield the remembered slates of one id, newest first."""
        for recommendation_id in reversed(self._by_person.get(key, ())):
            exposure = self._by_id.get(recommendation_id)
            if exposure is not None:
                yield exposure

    def _evict(self, key: Key, recommendation_id: str) -> None:
        """Drop a slate that left the newest of its owner: the user, else the visitor."""
        exposure = self._by_id.get(recommendation_id)
        if exposure is not None and next(keys_of(exposure.project, exposure.person)) == key:
            self._drop(recommendation_id)

    def _drop(self, recommendation_id: str) -> None:
        """Drop a slate, and each id with its last slate."""
        exposure = self._by_id.pop(recommendation_id)
        for key in keys_of(exposure.project, exposure.person):
            recent = self._by_person.get(key, deque())
            if recommendation_id in recent:
                recent.remove(recommendation_id)
            if not recent:
                self._by_person.pop(key, None)


def keys_of(project: str, person: Person) -> Iterator[Key]:
    """Yield one key for each id of a person."""
    if person.user_id is not None:
        yield project, f"u{person.user_id}"
    if person.anonymous_id is not None:
        yield project, f"a{person.anonymous_id}"
