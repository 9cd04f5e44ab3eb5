"""Find and remove the naming of people in what others sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec


class Mention:
    """Find and remove the naming of ids in JSON values and texts."""

    def __init__(self, ids: frozenset[str]) -> None:
        self._ids = ids
        texts = "|".join(
            rf"(?<![\w-])@?{re.escape(i)}(?![\w-])"
            if _is_distinctive(i)
            else rf"@{re.escape(i)}(?![\w-])"
            for i in sorted(ids, key=len, reverse=True)
        )
        self._in_text = re.compile(texts)

    @property
    def spellings(self) -> list[str]:
        """Return how an id may stand in JSON text: itself, escaped, and escaped to ASCII."""
        escaped = (msgspec.json.encode(i).decode()[1:-1] for i in self._ids)
        ascii_only = ("".join(_ascii_escapes(i)) for i in self._ids)
        return sorted({*self._ids, *escaped, *ascii_only})

    def remove_from(self, body: str) -> str | None:
        """Return a body that does not name the ids; one that never did comes back as it is."""
        fields = msgspec.json.decode(body)
        cleaned = self._clean(fields)
        if cleaned == fields:
            return body
        kept = {name: value for name, value in cleaned.items() if value is not None}
        return msgspec.json.encode(kept).decode() if kept else None

    def is_in_text(self, text: str) -> bool:
        """Tell whether raw text, JSON or not, names an id: quoted, after @, or standing alone."""
        quoted = (f'"{spelling}"' in text for spelling in self.spellings)
        return any(quoted) or self._in_text.search(text) is not None

    def _clean(self, value: Any) -> Any:
        """Return a JSON value without the ids."""
        if isinstance(value, str):
            return None if value in self._ids else self._in_text.sub("", value)
        if isinstance(value, list):
            return [self._clean(entry) for entry in value if not self._is_id(entry)]
        if isinstance(value, dict):
            return {
                self._in_text.sub("", k): self._clean(v)
                for k, v in value.items()
                if k not in self._ids
            }
        return value

    def _is_id(self, value: Any) -> bool:
        """Tell whether a JSON value is one of the ids."""
        return isinstance(value, str) and value in self._ids


def _is_distinctive(identifier: str) -> bool:
    """Tell whether an id in running text can hardly be a word or a number: "u-81", not "tea"."""
    if identifier.isdigit():
        return len(identifier) >= 8
    return not identifier.isalpha()


def _ascii_escapes(text: str) -> Iterator[str]:
    """Yield text as JSON writes it where only ASCII is let through."""
    for character in text.encode("utf-16-be", "surrogatepass").decode("utf-16-be"):
        if character.isascii():
            yield msgspec.json.encode(character).decode()[1:-1]
            continue
        units = character.encode("utf-16-be").hex()
        yield from (f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
