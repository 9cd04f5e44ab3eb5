"""Hold what decides whether an item may be shown as columns by item number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from threading import RLock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coadapt.domain.queries import ItemFilter

Attributes = Mapping[str, Any]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

_OFFERED, _OPENS, _CLOSES, _PRICE = range(4)
_UNDESCRIBED: Final = np.array([[1.0], [-np.inf], [np.inf], [np.nan]])
_NOBODY: Final = np.empty(0, np.int64)


class Offers:
    """Answer which items may be shown; one writer puts items, under `lock`, and many readers ask.

    A reader needs no lock, except the first to filter by an attribute, which indexes it.

    `_columns` has shape (4, capacity): offered (0 or 1), opens and closes (ms, from and until), and
    price (NaN: none). An item that was never put may be shown, but passes no filter.
    """

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._columns = _UNDESCRIBED[:, :0]
        self._attributes: dict[int, Attributes] = {}
        self._holders: dict[str, dict[str, IntArray]] = {}
        self._n_changes = 0
        self._edges: tuple[int, npt.NDArray[np.float64]] | None = None
        self._open: tuple[tuple[int, int], BoolArray] | None = None
        self._unfiltered: tuple[BoolArray, BoolArray] | None = None

    def put(self, number: int, attributes: Attributes | None) -> None:
        """Take in what an item is now; None: retired."""
        columns = self._columns
        if number >= columns.shape[1]:
            columns = np.repeat(_UNDESCRIBED, 2 * (number + 1), axis=1)
            columns[:, : self._columns.shape[1]] = self._columns
        columns[:, number] = _column(attributes)
        self._columns = columns
        before = self._attributes.get(number, {})
        self._attributes[number] = attributes or {}
        for name, holders in self._holders.items():
            _reindex(holders, number, _values_of(before, name), _values_of(attributes or {}, name))
        self._n_changes += 1

    def allowed(self, n_items: int, as_of: int, item_filter: ItemFilter | None) -> BoolArray:
        """Return which of the first `n_items` items may be shown, read-only.

        Without a filter it is the same array until something changes, so that readers can tell.
        """
        passing = self._open_at(as_of)
        if item_filter is not None:
            passing = passing & self._passing(item_filter, len(passing))
            return _padded(passing, n_items, others=_asks_nothing(item_filter))
        cached = self._unfiltered
        if cached is None or cached[0] is not passing or len(cached[1]) != n_items:
            cached = self._unfiltered = (passing, _padded(passing, n_items, others=True))
        return cached[1]

    def _open_at(self, as_of: int) -> BoolArray:
        """Return which items are offered; kept until one changes, opens or closes."""
        n_changes, columns = self._n_changes, self._columns
        if self._edges is None or self._edges[0] != n_changes:
            edges = columns[[_OPENS, _CLOSES]]
            self._edges = (n_changes, np.unique(edges[np.isfinite(edges)]))
        place = int(np.searchsorted(self._edges[1], as_of, side="right"))
        cached = self._open
        if cached is not None and cached[0] == (n_changes, place):
            return cached[1]
        mask: BoolArray = (
            (columns[_OFFERED] > 0) & (columns[_OPENS] <= as_of) & (as_of < columns[_CLOSES])
        )
        self._open = ((n_changes, place), mask)
        return mask

    def _passing(self, item_filter: ItemFilter, size: int) -> BoolArray:
        """Return which items are in a filter, shape (size,)."""
        prices = self._columns[_PRICE, :size]
        mask = np.ones(size, np.bool_)
        if item_filter.min_price is not None:
            mask &= prices >= item_filter.min_price
        if item_filter.max_price is not None:
            mask &= prices <= item_filter.max_price
        for name, values in item_filter.one_of.items():
            if name not in self._holders:
                self._index(name)
            holders = self._holders[name]
            held = np.zeros(size, np.bool_)
            for value in values:
                numbers = holders.get(value, _NOBODY)
                held[numbers[numbers < size]] = True
            mask &= held
        return mask

    def _index(self, name: str) -> None:
        """Note the items of each value of an attribute; kept up to date from then on."""
        with self._lock:
            numbers_of: dict[str, list[int]] = {}
            for number, attributes in self._attributes.items():
                for value in _values_of(attributes, name):
                    numbers_of.setdefault(value, []).append(number)
            holders = {value: np.array(numbers) for value, numbers in numbers_of.items()}
            self._holders = {**self._holders, name: holders}


def _column(attributes: Attributes | None) -> tuple[float, float, float, float]:
    """Return an item's column."""
    if attributes is None:
        return (0.0, -np.inf, np.inf, np.nan)
    price = attributes.get("price")
    return (
        float(attributes.get("available") is not False),
        _time_ms(attributes.get("available_from"), -np.inf),
        _time_ms(attributes.get("available_until"), np.inf),
        float(price) if isinstance(price, int | float) else np.nan,
    )


def _reindex(
    holders: dict[str, IntArray], number: int, before: Iterator[str], after: Iterator[str]
) -> None:
    """Move an item from the values it had to those it has; arrays are replaced, not written to."""
    old, new = set(before), set(after)
    for value in old - new:
        held = holders.get(value, _NOBODY)
        holders[value] = held[held != number]
    for value in new - old:
        holders[value] = np.append(holders.get(value, _NOBODY), number)


def _values_of(attributes: Attributes, name: str) -> Iterator[str]:
    """Yield an attribute's values as text; one of `properties` where no field has the name."""
    value = attributes.get(name)
    if value is None:
        value = (attributes.get("properties") or {}).get(name)
    if value is not None:
        yield from map(str, value if isinstance(value, list) else [value])


def _asks_nothing(item_filter: ItemFilter) -> bool:
    """Tell whether a filter lets everything through."""
    return not item_filter.one_of and item_filter.min_price is item_filter.max_price is None


def _time_ms(value: Any, otherwise: float) -> float:
    """Return epoch ms of a number or an ISO 8601 text (UTC where it names no zone)."""
    if value is None or isinstance(value, int | float):
        return otherwise if value is None else value
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return otherwise
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000


def _padded(passing: BoolArray, n_items: int, *, others: bool) -> BoolArray:
    """Return a mask of the asked size; items that nobody described pass if `others` do."""
    mask = np.full(n_items, others)
    n_known = min(n_items, len(passing))
    mask[:n_known] = passing[:n_known]
    mask.flags.writeable = False
    return mask
