"""Tell whether bytes that are no longer live still name a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from coadapt.stores._free_space import free_parts
from coadapt.stores._mentions import is_distinctive, is_long, spellings
from coadapt.stores._tables import EVENTS, REJECTED

_HEAD: Final = re.compile(rb"[\x0a-\x40](?=\x00)")
"""How a stored row begins: the length of its head, then a NULL where the key would be."""

_PEOPLE: Final = {
    len(table.c): frozenset(
        index for index, column in enumerate(table.c) if column.name in ("user_id", "anonymous_id")
    )
    for table in (EVENTS, REJECTED)
}
"""Which columns name a person, by the number of columns."""


class Leftovers:
    """Search the free space of a file for ids.

    A long id counts wherever it stands. A short one, which is part of many others and of numbers,
    counts where it is the user or visitor of what was a row, or a value in its JSON; of a row whose
    head is overwritten, a few characters may stay that say nothing of whose they were.
    """

    def __init__(self, ids: Collection[str]) -> None:
        self._short = {i.encode() for i in ids if not is_long(i)}
        patterns = [_pattern(i, form) for i in sorted(ids) for form in spellings(i)]
        self._texts = re.compile(b"|".join(patterns) or b"(?!)")

    def are_in(self, file: Path) -> bool:
        """Tell whether the free space of a database's file names an id."""
        return any(self._are_in_part(part) for part in free_parts(file))

    def _are_in_part(self, part: bytes) -> bool:
        """Tell whether one piece of free space names an id."""
        if self._texts.search(part):
            return True
        return bool(self._short) and any(who in self._short for who in _people_in(part))


def _pattern(identifier: str, spelling: str) -> bytes:
    """Return how an id in free space is told from other bytes."""
    found = re.escape(spelling.encode())
    if is_long(identifier):
        return found
    return rb'"%b"' % found if is_distinctive(identifier) else rb'(?:user|host)_id":"%b"' % found


def _people_in(part: bytes) -> Iterator[bytes]:
    """Yield the user and visitor ids of what look like stored rows."""
    for head in _HEAD.finditer(part):
        start, n_head = head.start(), part[head.start()]
        kinds = _numbers(part[start + 1 : start + n_head])
        people = _PEOPLE.get(len(kinds), frozenset())
        offset = start + n_head
        for index, kind in enumerate(kinds if people else ()):
            n_bytes = _n_bytes(kind)
            if index in people and kind > 12:
                yield part[offset : offset + n_bytes]
            offset += n_bytes


def _numbers(encoded: bytes) -> list[int]:
    """Return SQLite's numbers of 7 bits a byte, the high bit set on all but the last."""
    numbers, current = [], 0
    for byte in encoded:
        current = current << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(current)
            current = 0
    return numbers


def _n_bytes(kind: int) -> int:
    """Return how many bytes a value of a kind takes."""
    return (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]
