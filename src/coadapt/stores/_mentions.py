"""Find and remove the naming of people in what others sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import msgspec

MIN_LONG_CHARS: Final = 6
"""An id of this length names the person also inside longer text."""

_NEVER: Final = "(?!)"
_START, _END = r"(?<![\w-])", r"(?![\w-])"
_JSON_START: Final = rf"(?:{_START}|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{{4}}))"
_PERSON_KEY: Final = r'(?:user_id|anonymous_id|host_id)"\s*:\s*"'


class Mention:
    """Find and remove the naming of ids in JSON values and texts.

    An id of at least MIN_LONG_CHARS counts wherever its characters stand, unless a run of digits
    goes on; a shorter one where it stands alone and is distinctive, or after @. JSON that names an
    id holds one of the `needles`.
    """

    def __init__(self, ids: Collection[str]) -> None:
        self._ids = frozenset(ids)
        by_length = sorted(ids, key=lambda i: (-len(i), i))
        self._in_text = _any_of(_text_pattern(i) for i in by_length)
        forms = [(i, form) for i in by_length for form in spellings(i)]
        self._in_json = _any_of(_json_pattern(*form) for form in forms)
        self._in_refused = _any_of(_refused_pattern(*form) for form in forms)
        self.needles = sorted({needle for form in forms for needle in _needles(*form)})

    def remove_from(self, value: Any) -> Any:
        """Return a JSON value without the ids: a string that is one becomes null."""
        if isinstance(value, str):
            return None if value in self._ids else self._in_text.sub("", value)
        if isinstance(value, list):
            return [self.remove_from(entry) for entry in value if not self._is_id(entry)]
        if isinstance(value, dict):
            return {
                self._in_text.sub("", k): self.remove_from(v)
                for k, v in value.items()
                if k not in self._ids
            }
        return value

    def is_in_text(self, text: str) -> bool:
        """Tell whether a text or an identifier names an id."""
        return self._in_text.search(text) is not None

    def is_in_json(self, text: str) -> bool:
        """Tell whether JSON text may name an id; False is certain."""
        return self._in_json.search(text) is not None

    def is_in_refused(self, text: str) -> bool:
        """Tell whether a refused body, JSON or not, names an id as a person."""
        return self._in_refused.search(text) is not None

    def _is_id(self, value: Any) -> bool:
        """Tell whether a JSON value is one of the ids."""
        return isinstance(value, str) and value in self._ids


def is_long(identifier: str) -> bool:
    """Tell whether an id is long enough to name the person inside longer text."""
    return len(identifier) >= MIN_LONG_CHARS


def is_distinctive(identifier: str) -> bool:
    """Tell whether an id in running text can hardly be a word or a number: "u-81", not "tea"."""
    if identifier.isdigit():
        return len(identifier) >= 8
    return not identifier.isalpha()


def spellings(identifier: str) -> set[str]:
    """Return how an id may stand in JSON text: itself, escaped, and escaped to ASCII."""
    escaped = msgspec.json.encode(identifier).decode()[1:-1]
    return {identifier, escaped, "".join(_ascii_escapes(identifier))}


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that matches where any of these does."""
    return re.compile("|".join(patterns) or _NEVER)


def _text_pattern(identifier: str) -> str:
    """Return where an id counts as named in a text."""
    if is_long(identifier):
        return f"@?{_whole_numbers(identifier)}"
    found = re.escape(identifier)
    return rf"{_START}@?{found}{_END}" if is_distinctive(identifier) else rf"@{found}{_END}"


def _json_pattern(identifier: str, spelling: str) -> str:
    """Return where an id may be named in JSON text."""
    if is_long(identifier):
        return _whole_numbers(spelling)
    found = re.escape(spelling)
    if is_distinctive(identifier):
        return rf"{_JSON_START}@?{found}{_END}"
    return rf'"{found}"|@{found}'


def _needles(identifier: str, spelling: str) -> tuple[str, ...]:
    """Return texts of which JSON holds one where it may name an id."""
    if is_long(identifier) or is_distinctive(identifier):
        return (spelling,)
    return f'"{spelling}"', f"@{spelling}"


def _refused_pattern(identifier: str, spelling: str) -> str:
    """Return where a refused body names an id; a short word or number may name anything."""
    if is_long(identifier) or is_distinctive(identifier):
        return _json_pattern(identifier, spelling)
    found = re.escape(spelling)
    return rf'{_PERSON_KEY}{found}"|@{found}{_END}'


def _whole_numbers(text: str) -> str:
    """Return a pattern for a text that does not cut a number: 7781 is not in 77812."""
    start = r"(?<!\d)" if text[0].isdigit() else ""
    end = r"(?!\d)" if text[-1].isdigit() else ""
    return f"{start}{re.escape(text)}{end}"


def _ascii_escapes(text: str) -> Iterator[str]:
    """Yield text as JSON writes it where only ASCII is let through."""
    for character in text.encode("utf-16-be", "surrogatepass").decode("utf-16-be"):
        if character.isascii():
            yield msgspec.json.encode(character).decode()[1:-1]
            continue
        units = character.encode("utf-16-be").hex()
        yield from (f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
