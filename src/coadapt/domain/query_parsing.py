"""Turn a decoded JSON object into a query, or say which field is wrong; never echo the input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from coadapt.domain import fields
from coadapt.domain.errors import ForbiddenError
from coadapt.domain.queries import ItemFilter, Person, Query

MAX_COUNT: Final = 1_000

FILTERS: Final = ("category", "brand", "tags", "currency", "host_id")
"""Attributes of an item that a query may filter by."""

PRICES: Final = ("min_price", "max_price")
"""Limits of the price that a query may filter by."""

_NAMES: Final = (
    "user_id",
    "anonymous_id",
    "count",
    "surface",
    "context",
    "history",
    "exclude_item_ids",
    "filter",
    "explain",
    "as_of",
)
_RANK_NAMES: Final = ("item_ids", *_NAMES)


@dataclass(frozen=True, slots=True)
class Asked:
    """Say when and for which project a question was asked, and whether it may name an instant."""

    now_ms: int
    project: str
    is_replay: bool = False


def parse_query(body: object, asked: Asked) -> Query:
    """Return the query of `/v1/recommend`. Raises InvalidInputError, ForbiddenError."""
    given = fields.body_object(body)
    _check_names(given, _NAMES)
    return _query(given, asked)


def parse_rank_query(body: object, asked: Asked) -> Query:
    """Return the query of `/v1/rank`, which names the items. Raises as `parse_query`."""
    given = dict(fields.body_object(body))
    _check_names(given, _RANK_NAMES)
    item_ids = tuple(dict.fromkeys(fields.identifiers(given.get("item_ids"), "item_ids")))
    if not item_ids:
        raise fields.invalid("item_ids", "must name at least one item")
    given["count"] = len(item_ids)
    return replace(_query(given, asked), item_ids=item_ids)


def parse_person(given: Mapping[str, Any]) -> Person:
    """Return whom a body or a query string names; nobody is an unknown visitor."""
    return Person(
        _optional(given, "user_id", fields.identifier, None),
        _optional(given, "anonymous_id", fields.identifier, None),
    )


def parse_as_of(value: object, asked: Asked) -> int:
    """Return the instant asked about, by default now. Raises ForbiddenError without replay."""
    if value is None:
        return asked.now_ms
    if not asked.is_replay:
        message = "is accepted only when the project's settings say replay = true"
        raise ForbiddenError(message, field="as_of")
    return fields.milliseconds(value, "as_of")


def _check_names(given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse fields that a question does not have, such as the project, which goes beside it."""
    if "project" in given:
        raise fields.invalid("project", "is not part of a question: the key says it, or ?project=")
    fields.check_names(given, known)


def _query(given: Mapping[str, Any], asked: Asked) -> Query:
    """Return the query that a body holds, whose names are known."""
    return Query(
        person=parse_person(given),
        as_of=parse_as_of(given.get("as_of"), asked),
        project=asked.project,
        count=_optional(given, "count", _count, 10),
        surface=_optional(given, "surface", fields.identifier, None),
        context=_optional(given, "context", fields.sound_record, {}),
        history=_optional(given, "history", fields.identifiers, None),
        exclude_item_ids=frozenset(_optional(given, "exclude_item_ids", fields.identifiers, ())),
        item_filter=_optional(given, "filter", _item_filter, None),
        explain=_optional(given, "explain", fields.flag, None) is True,
        is_replay=given.get("as_of") is not None,
    )


def _optional(given: Mapping[str, Any], name: str, check: Any, default: Any) -> Any:
    """Return a checked field, or its default when it is absent or null."""
    value = given.get(name)
    return default if value is None else check(value, name)


def _count(value: object, field: str) -> int:
    """Return how many items are asked for."""
    return fields.whole(value, field, 1, MAX_COUNT)


def _item_filter(value: object, field: str) -> ItemFilter:
    """Return a filter over attributes and price."""
    given = fields.record(value, field)
    if not given.keys() <= {*FILTERS, *PRICES}:
        raise fields.invalid(field, f"may name {', '.join((*FILTERS, *PRICES))} only")
    low, high = (
        None if given.get(name) is None else fields.amount(given[name], f"{field}.{name}")
        for name in PRICES
    )
    if low is not None and high is not None and low > high:
        raise fields.invalid(f"{field}.min_price", "must not be above max_price")
    one_of = {name: _choices(given[name], f"{field}.{name}") for name in FILTERS if name in given}
    return ItemFilter(one_of, low, high)


def _choices(value: object, field: str) -> frozenset[str]:
    """Return the values to keep, given as one string or a list."""
    return frozenset(fields.identifiers([value] if type(value) is str else value, field))
