"""Find the known name that a misspelt one stands for."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_MAX_CHARS: Final = 64
"""Comparing takes time with the square of the length; no name of ours is as long."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like another, None if none is like it."""
    if len(name) > _MAX_CHARS:
        return None
    by_plain = {_plain(each): each for each in known}
    found = get_close_matches(_plain(name), by_plain, n=1)
    return by_plain[found[0]] if found else None


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Say of a name that there is no such one, and which may have been meant."""
    names = tuple(known)
    meant = nearest(name, names)
    way_out = f"there are {', '.join(names)}" if meant is None else f"did you mean {meant}?"
    return f"is not known; {way_out}"


def _plain(name: str) -> str:
    """Return a name without its case and with one kind of dash."""
    return name.lower().replace("-", "_")
