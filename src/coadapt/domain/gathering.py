"""Let work gather between two rounds, where a round costs much and each piece of work little."""

from __future__ import annotations

from typing import Final

_SEVERAL: Final = 1.1
_WEIGHT_OF_NEWEST: Final = 0.1


class Gathering:
    """Keep rounds `apart_s` from each other while they find several pieces of work.

    Who works alone never waits: rounds then find one piece each.
    """

    def __init__(self, apart_s: float) -> None:
        self._apart_s = apart_s
        self._ended_s = 0.0
        self._usual = 1.0

    def pause_s(self, now_s: float) -> float:
        """Return how long the next round should wait before it takes its work."""
        if self._usual <= _SEVERAL:
            return 0.0
        return max(0.0, self._ended_s + self._apart_s - now_s)

    def ended(self, n_found: int, now_s: float) -> None:
        """Note the end of a round and how many pieces of work it found."""
        self._usual += _WEIGHT_OF_NEWEST * (n_found - self._usual)
        self._ended_s = now_s
