"""Keep rows in a CSV file, each on the disk before the next is begun; none is lost or garbled."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Final

BLOCK: Final = 4096


class Sheet:
    """Append rows of as many texts as the head has; a line that a crash cut off is taken away."""

    def __init__(self, path: Path, head: Sequence[str]) -> None:
        self.path = path
        self.head = [*head]

    def rows(self) -> list[list[str]]:
        """Return the whole rows. Raises ValueError for a file with another head."""
        if not self.path.exists() or not self.path.stat().st_size:
            return []
        with self.path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        if head != self.head:
            raise ValueError(f"{self.path} has other columns; move it away or name another file")
        return [row for row in rows if len(row) == len(self.head)]

    def add(self, row: Sequence[str]) -> None:
        """Write a row through to the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            n_whole = _end_of_lines(file)
            file.truncate(n_whole)
            file.write(_text([row] if n_whole else [self.head, row]))
            file.flush()
            os.fsync(file.fileno())

    def replace(self, rows: Iterable[Sequence[str]]) -> None:
        """Put other rows in place of all; a crash leaves the old ones or the new."""
        partial = self.path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.write(_text([self.head, *rows]))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)


def _text(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as lines."""
    return "".join(",".join(row) + "\n" for row in rows).encode()


def _end_of_lines(file: IO[bytes]) -> int:
    """Return where the last whole line ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - BLOCK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
