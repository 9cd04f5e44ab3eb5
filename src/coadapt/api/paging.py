"""Read the query string, and cut lists into pages: `limit` and `cursor` in, `next_cursor` out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import Request

from coadapt.domain import fields

MAX_LIMIT: Final = 1_000

PAGE_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 100},
    "cursor": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Ask for at most `limit` entries after a number."""

    limit: int
    after: int


def page_of(request: Request) -> Page:
    """Return the page that a request asks for. Raises InvalidInputError."""
    return Page(
        limit=whole_parameter(request, "limit", 100, MAX_LIMIT, low=1),
        after=whole_parameter(request, "cursor", 0, 10**18),
    )


def whole_parameter(request: Request, name: str, default: int, high: int, *, low: int = 0) -> int:
    """Return a whole number of the query string. Raises InvalidInputError."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 19 and low <= int(text) <= high):
        raise fields.invalid(name, f"must be a whole number from {low} to {high}")
    return int(text)


def instant_parameter(request: Request, name: str) -> int | str | None:
    """Return a time of the query string as a body would hold it: digits are milliseconds.

    More digits than a time can have stay text, which is refused as any other that is no time.
    """
    text = request.query_params.get(name)
    is_number = text is not None and text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if text is not None and is_number else text


def paged(name: str, entries: Sequence[Any], page: Page) -> dict[str, Any]:
    """Return one page of a list that is held whole."""
    end = page.after + page.limit
    following = str(end) if end < len(entries) else None
    return {name: list(entries[page.after : end]), "next_cursor": following}
