"""Turn what clients say about items and people into the reserved events that hold it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from coadapt.domain import fields
from coadapt.domain.events import DEFAULT_PROJECT, Event
from coadapt.domain.parsing import Arrival
from coadapt.domain.queries import Person

MAX_EMBEDDING: Final = 4_096


def item_event(item_id: object, attributes: Mapping[str, Any], arrival: Arrival) -> Event:
    """Return the event that describes an item anew; unknown attributes are refused."""
    if not attributes.keys() <= _ITEM_CHECKS.keys():
        known = ", ".join(_ITEM_CHECKS)
        raise fields.invalid("item", f"may hold {known} only; put the rest into properties")
    checked = {
        name: _ITEM_CHECKS[name](value, name)
        for name, value in attributes.items()
        if value is not None
    }
    _check_window(checked)
    return _reserved(
        "$item", arrival, item_id=fields.identifier(item_id, "item_id"), properties=checked
    )


def retired_event(item_id: object, arrival: Arrival) -> Event:
    """Return the event that takes an item out of answers."""
    return _reserved("$item_retired", arrival, item_id=fields.identifier(item_id, "item_id"))


def user_event(person: Person, body: Mapping[str, Any], arrival: Arrival) -> Event:
    """Return the event that adds a person's properties and ties."""
    _require(person)
    properties: dict[str, Any] = {}
    if body.get("properties") is not None:
        properties["properties"] = fields.sound_record(body["properties"], "properties")
    if body.get("follows") is not None:
        properties["follows"] = list(fields.identifiers(body["follows"], "follows"))
    return _reserved("$user", arrival, person=person, properties=properties)


def consent_event(person: Person, body: Mapping[str, Any], arrival: Arrival) -> Event:
    """Return the event that opts a person out of personalisation, or in again."""
    _require(person)
    if body.get("personalization") is None:
        raise fields.invalid("personalization", "is required", "missing_field")
    choice = fields.flag(body["personalization"], "personalization")
    return _reserved("$consent", arrival, person=person, properties={"personalization": choice})


def _check_window(attributes: Mapping[str, Any]) -> None:
    """Refuse an item whose time ends before it begins."""
    begins, ends = attributes.get("available_from"), attributes.get("available_until")
    if begins is not None and ends is not None and begins > ends:
        raise fields.invalid("available_until", "must not be before available_from")


def _require(person: Person) -> None:
    """Refuse nobody."""
    if person == Person():
        raise fields.nobody()


def _reserved(
    event_type: str,
    arrival: Arrival,
    *,
    person: Person | None = None,
    item_id: str | None = None,
    properties: Mapping[str, Any] | None = None,
) -> Event:
    """Return an event of ours, dated at arrival."""
    who = person or Person()
    return Event(
        event_id=arrival.new_id(),
        type=event_type,
        timestamp=arrival.received_at,
        project=arrival.project or DEFAULT_PROJECT,
        user_id=who.user_id,
        anonymous_id=who.anonymous_id,
        item_id=item_id,
        properties=properties or {},
        received_at=arrival.received_at,
    )


def _tags(value: object, field: str) -> list[str]:
    """Return a list of tags."""
    return list(fields.identifiers(value, field))


def _embedding(value: object, field: str) -> list[float]:
    """Return a vector of finite numbers."""
    if type(value) is not list or len(value) > MAX_EMBEDDING:
        raise fields.invalid(field, f"must be a list of at most {MAX_EMBEDDING} numbers")
    return [fields.number(part, field) for part in value]


_ITEM_CHECKS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    "title": fields.text,
    "description": fields.text,
    "category": fields.identifier,
    "brand": fields.identifier,
    "price": fields.amount,
    "currency": fields.identifier,
    "tags": _tags,
    "image_url": fields.text,
    "embedding": _embedding,
    "available": fields.flag,
    "available_from": fields.milliseconds,
    "available_until": fields.milliseconds,
    "host_id": fields.identifier,
    "created_at": fields.milliseconds,
    "properties": fields.sound_record,
}
