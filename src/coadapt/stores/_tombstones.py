"""Remember, by salted hash, who was erased, so that their later events are refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence


class Tombstones:
    """Hold the hashes of erased ids; grows only, so any thread may read while one adds."""

    def __init__(self, salt: str) -> None:
        self._salt = bytes.fromhex(salt)
        self._hashes: set[str] = set()
        self.last_number = 0

    def __len__(self) -> int:
        return len(self._hashes)

    def is_behind(self, n_erased: int) -> bool:
        """Tell whether another process erased somebody since."""
        return n_erased > len(self._hashes)

    def add(self, numbered: Iterable[tuple[int, str]]) -> None:
        """Take in (number, hash) pairs in the order of their numbers."""
        for number, text in numbered:
            self._hashes.add(text)
            self.last_number = number

    def hash(self, project: str, identifier: str) -> str:
        """Return the hash of an id, in hex: keyed by this installation's salt."""
        message = f"{len(project)}:{project}{identifier}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(message, digest_size=20, key=self._salt).hexdigest()

    def holds(self, project: str, identifiers: Sequence[str | None]) -> bool:
        """Tell whether any of these ids was erased."""
        if not self._hashes:
            return False
        return any(i is not None and self.hash(project, i) in self._hashes for i in identifiers)
