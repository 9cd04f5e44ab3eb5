"""Hold events as the model takes them in: under its own types, with what they add to spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import FloatArray, IntArray
from coadapt.data.stream import Stream
from coadapt.value.spending import net_amounts

OTHER: Final = "(other)"
"""The type that stands for every one that training did not see."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Hold events as columns in the order in which they count.

    `types` are rows of the model's own types; `amounts` are what an event adds to spend, `values`
    and `quantities` NaN where absent; `items` and `hosts` -1 where absent; `times` epoch ms.
    """

    users: IntArray
    items: IntArray
    hosts: IntArray
    types: IntArray
    times: IntArray
    values: FloatArray
    quantities: FloatArray
    amounts: FloatArray

    def __len__(self) -> int:
        return len(self.users)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the columns by name."""
        return {name: getattr(self, name) for name in Arrivals.__dataclass_fields__}

    def take(self, index: IntArray | slice) -> Arrivals:
        """Return these events."""
        return Arrivals(**{name: column[index] for name, column in self.columns().items()})


_NO_ROWS: IntArray = np.empty(0, np.int64)
_NO_NUMBERS: FloatArray = np.empty(0)

NO_ARRIVALS = Arrivals(
    users=_NO_ROWS,
    items=_NO_ROWS,
    hosts=_NO_ROWS,
    types=_NO_ROWS,
    times=_NO_ROWS,
    values=_NO_NUMBERS,
    quantities=_NO_NUMBERS,
    amounts=_NO_NUMBERS,
)


def known_types(stream: Stream) -> tuple[str, ...]:
    """Return the model's own types: those that a stream's events have, and OTHER."""
    return (*(stream.type_names[row] for row in np.unique(stream.types)), OTHER)


def arrivals_of(
    stream: Stream, type_names: Sequence[str], spend_types: Mapping[str, float]
) -> Arrivals:
    """Return a stream's events under a model's own types."""
    row_of = {name: row for row, name in enumerate(type_names)}
    rows = np.array([row_of.get(name, row_of[OTHER]) for name in stream.type_names], np.int64)
    return Arrivals(
        users=stream.users,
        items=stream.items,
        hosts=stream.hosts,
        types=rows[stream.types],
        times=stream.times,
        values=stream.values,
        quantities=stream.quantities,
        amounts=net_amounts(stream, spend_types),
    )
