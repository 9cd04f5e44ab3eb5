"""Keep what is known of items, every version of it, and answer which may be shown."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping
from threading import RLock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from coadapt.domain.queries import ItemFilter
from coadapt.stores._numbering import Numbering
from coadapt.stores._offers import Offers


class Version(NamedTuple):
    """State what an item was from a time (ms) on; None: retired."""

    time: int
    position: int
    attributes: Mapping[str, Any] | None


class Catalogue:
    """Number items and keep the versions of those that were described.

    An item that only events name has no version and may be shown. Columns of what is offered follow
    each change; for an instant before the newest change they are made anew and the last kept. Items
    are put under `lock`.
    """

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self.numbers = Numbering()
        self._versions: dict[int, list[Version]] = {}
        self._times: list[int] = []
        self._n_changes = 0
        self._offers = Offers(lock)
        self._past_offers: tuple[tuple[int, int], Offers] | None = None

    def put(self, item_id: str, version: Version) -> None:
        """Describe or retire an item from the version's time on."""
        number = self.numbers.add(item_id)
        versions = self._versions.setdefault(number, [])
        insort(versions, version, key=_when)
        if versions[-1] is version:
            self._offers.put(number, version.attributes)
        if not self._times or version.time > self._times[-1]:
            self._times.append(version.time)
        elif self._times[bisect_right(self._times, version.time) - 1] != version.time:
            insort(self._times, version.time)
        self._n_changes += 1

    def item(self, item_id: str, *, as_of: int) -> Mapping[str, Any] | None:
        """Return an item's attributes, None if it was never described or is retired."""
        number = self.numbers.get(item_id)
        version = None if number is None else self._version(number, as_of)
        return None if version is None else version.attributes

    def allowed(
        self, *, as_of: int, item_filter: ItemFilter | None = None
    ) -> npt.NDArray[np.bool_]:
        """Return which item numbers may be shown, shape (n_items,), read-only."""
        n_items = len(self.numbers)
        return self._offers_at(as_of).allowed(n_items, as_of, item_filter)

    def _version(self, number: int, as_of: int) -> Version | None:
        """Return an item's newest version up to an instant."""
        versions = self._versions.get(number, ())
        if versions and versions[-1].time <= as_of:
            return versions[-1]
        place = bisect_right(versions, as_of, key=lambda version: version.time)
        return versions[place - 1] if place else None

    def _offers_at(self, as_of: int) -> Offers:
        """Return what was offered between the changes around an instant."""
        place = bisect_right(self._times, as_of)
        if place == len(self._times):
            return self._offers
        key = (self._n_changes, place)
        cached = self._past_offers
        if cached is not None and cached[0] == key:
            return cached[1]
        offers = Offers(self._lock)
        for number in [*self._versions]:
            version = self._version(number, as_of)
            if version is not None:
                offers.put(number, version.attributes)
        self._past_offers = (key, offers)
        return offers


def _when(version: Version) -> tuple[int, int]:
    """Return time and log position of a version."""
    return version.time, version.position
