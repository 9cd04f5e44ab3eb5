"""Keep rows in a CSV file, each on the disk before the next is begun; none is lost or garbled."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path


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
            file.seek(0)
            n_whole = file.read().rfind(b"\n") + 1
            file.truncate(n_whole)
            lines = [row] if n_whole else [self.head, row]
            file.write("".join(",".join(line) + "\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
