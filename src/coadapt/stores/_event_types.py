"""Number event types and know, column-wise, what each is for."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coadapt.domain.events import is_interest
from coadapt.stores._numbering import IntArray, Numbering, numbers_of

ABOUT_ITEMS: Final = frozenset({"$item", "$item_retired"})
ABOUT_PEOPLE: Final = frozenset({"$user", "$consent", "follow"})

BoolArray = npt.NDArray[np.bool_]


class EventTypes:
    """Hold the types of a project; the arrays are indexed by type number."""

    def __init__(self) -> None:
        self._numbering = Numbering()
        self.names: npt.NDArray[np.object_] = np.empty(0, object)
        self.shows_interest: BoolArray = np.empty(0, np.bool_)
        self.is_behaviour: BoolArray = np.empty(0, np.bool_)
        self.is_fact: BoolArray = np.empty(0, np.bool_)

    def numbers(self, column: Any) -> IntArray:
        """Return the number of each type of an Arrow column."""
        numbers = numbers_of(column, self._numbering.add)
        if len(self._numbering) > len(self.names):
            self._refresh()
        return numbers

    def _refresh(self) -> None:
        """Make the arrays anew."""
        names = self._numbering.ids
        self.shows_interest = np.array([is_interest(name) for name in names])
        self.is_behaviour = np.array([not name.startswith("$") for name in names])
        self.is_fact = np.array([name in ABOUT_ITEMS | ABOUT_PEOPLE for name in names])
        self.names = np.array(names, object)
