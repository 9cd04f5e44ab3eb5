"""Read lists of names and numbers from a command line."""

from __future__ import annotations


def names(text: str) -> list[str]:
    """Split names at commas."""
    return [name for name in text.split(",") if name]


def numbers(text: str) -> list[int]:
    """Split numbers at commas."""
    return [int(number) for number in names(text)]
