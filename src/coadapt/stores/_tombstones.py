"""Remember, by salted hash, who was erased, so that their later events are refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

USER: Final = ""
ANONYMOUS: Final = "anonymous:"
LOG: Final = "log:"
"""Namespaces of ids: a user and a visitor of the same name are two people, and a log is nobody."""

_N_PSEUDONYM_CHARS: Final = 16


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

    def hash(self, project: str, identifier: str, namespace: str = USER) -> str:
        """Return the hash of an id, in hex: keyed by this installation's salt."""
        message = f"{namespace}{len(project)}:{project}{identifier}"
        encoded = message.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(encoded, digest_size=20, key=self._salt).hexdigest()

    def holds(self, project: str, identifiers: Sequence[str | None], namespace: str = USER) -> bool:
        """Tell whether any of these ids was erased."""
        if not self._hashes:
            return False
        return any(
            i is not None and self.hash(project, i, namespace) in self._hashes for i in identifiers
        )

    def refuses(self, project: str, user_id: str | None, anonymous_id: str | None) -> bool:
        """Tell whether an event is of an erased person: a user's whatever device they use."""
        if user_id is not None:
            return self.holds(project, (user_id,))
        return self.holds(project, (anonymous_id,), ANONYMOUS)

    def pseudonym(self, project: str, identifier: str) -> str:
        """Return what stands for an id that named an erased person: the same for the same id."""
        return f"erased-{self.hash(project, identifier, 'pseudonym:')[:_N_PSEUDONYM_CHARS]}"
