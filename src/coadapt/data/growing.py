"""Number ids that are met one after another, for streams that never end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from typing_extensions import override

from coadapt.data.batches import IntArray
from coadapt.data.dataset import Vocabulary


class GrowingVocabulary(Vocabulary):
    """Give a new id the next row; rows never change."""

    def __init__(self, ids: Sequence[str] = ()) -> None:
        super().__init__(ids)

    def add_all(self, identifiers: Iterable[str | None]) -> IntArray:
        """Return the row of each id, a new one where it is unknown, -1 for None."""
        return np.array([-1 if i is None else self.add(i) for i in identifiers], np.int64)

    def add(self, identifier: str) -> int:
        """Return the row of an id, a new one if it is unknown."""
        row = self._row_of.get(identifier)
        if row is None:
            row = self._row_of[identifier] = len(self.ids)
            self.ids.append(identifier)
        return row

    def forget(self, identifier: str) -> None:
        """Take an id out; its row stays, without a name."""
        row = self._row_of.pop(identifier, None)
        if row is not None:
            self.ids[row] = f"\0{row}"


class UnnamedRows(Vocabulary):
    """Count rows whose ids nobody may ask for."""

    def __init__(self, n_rows: int) -> None:
        super().__init__(())
        self._n_rows = n_rows

    @override
    def __len__(self) -> int:
        return self._n_rows
