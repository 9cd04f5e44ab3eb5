"""Give strings numbers that never change, a whole Arrow column at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

FEW_ROWS: Final = 32


class Numbering:
    """Number strings in order of first appearance; grows only, one writer and many readers."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._number_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def get(self, text: str) -> int | None:
        """Return a string's number, or None."""
        return self._number_of.get(text)

    def add(self, text: str) -> int:
        """Return a string's number, a new one if it has none."""
        number = self._number_of.get(text)
        if number is None:
            number = len(self.ids)
            self.ids.append(text)
            self._number_of[text] = number
        return number


def numbers_of(column: Any, number_of: Callable[[str], int]) -> IntArray:
    """Return the number of each string of an Arrow column, -1 for null.

    Of many rows each distinct string is looked up once; for few that costs more than it saves.
    """
    if len(column) <= FEW_ROWS:
        texts = column.to_pylist()
        return np.array([-1 if text is None else number_of(text) for text in texts], np.int64)
    codes, texts = distinct(column)
    table = np.fromiter((number_of(text) for text in texts), np.int64, len(texts))
    return np.append(table, -1)[codes]


def distinct(column: Any) -> tuple[IntArray, list[str]]:
    """Return each row's place (-1: null) in the list of distinct strings of an Arrow column."""
    encoded = column.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int64), encoded.dictionary.to_pylist()
