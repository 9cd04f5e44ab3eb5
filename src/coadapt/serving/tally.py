"""Count what the loop does, per project: answers, events, rewards."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class Tally:
    """Count by name, project and label; any thread may add."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._adding = Lock()

    def add(self, name: str, project: str, label: str = "", n_more: int = 1) -> None:
        """Add to one count."""
        with self._adding:
            self._counts[name, project, label] += n_more

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Return every count by (name, project, label)."""
        with self._adding:
            return dict(self._counts)
