"""Turn a decoded JSON object into an event, or say which field is wrong; never echo the input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from coadapt.domain import fields
from coadapt.domain.errors import ForbiddenError, InvalidEventError, InvalidInputError
from coadapt.domain.events import DEFAULT_PROJECT, Event

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")

_CHECKS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    "event_id": fields.identifier,
    "user_id": fields.identifier,
    "anonymous_id": fields.identifier,
    "session_id": fields.identifier,
    "item_id": fields.identifier,
    "host_id": fields.identifier,
    "target_user_id": fields.identifier,
    "transaction_id": fields.identifier,
    "recommendation_id": fields.identifier,
    "currency": fields.identifier,
    "value": fields.number,
    "quantity": fields.amount,
    "text": fields.text,
    "position": fields.whole,
    "context": fields.record,
}

_ENVELOPE: Final = frozenset({*_CHECKS, "type", "timestamp", "project", "properties"})

_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


@dataclass(frozen=True, slots=True)
class Arrival:
    """Say when and where events arrive.

    `project` is the caller's, None: the event's own. `is_bound` refuses events that name another
    project; `is_replay` admits any time; `new_id` makes an id for an event that has none.
    """

    received_at: int
    new_id: Callable[[], str]
    project: str | None = None
    is_bound: bool = False
    is_replay: bool = False


def parse_event(body: object, arrival: Arrival) -> Event:
    """Return the event that a client sent.

    Raises InvalidEventError naming the field, ForbiddenError for another project's event.
    """
    try:
        return _parse(fields.body_object(body), arrival)
    except InvalidInputError as error:
        raise InvalidEventError(error.message, code=error.code, field=error.field) from error


def person_field(event: Event) -> str:
    """Return the field by which an event says whose it is."""
    return "anonymous_id" if event.user_id is None else "user_id"


def digest_of(body: Mapping[str, Any], timestamp: int | None) -> str:
    """Return what identifies a body: key order, number form and time form make no difference."""
    plain = {
        name: fields.canonical(part, name if name in _ENVELOPE else "properties")
        for name, part in body.items()
    }
    if timestamp is not None:
        plain["timestamp"] = timestamp
    encoded = _encode(plain).encode()
    if len(encoded) > fields.MAX_OBJECT_BYTES:
        limit = fields.MAX_OBJECT_BYTES
        raise fields.invalid("event", f"must have at most {limit} bytes", "too_large")
    return blake2b(encoded, digest_size=16).hexdigest()


def _parse(body: dict[str, Any], arrival: Arrival) -> Event:
    """Check every field, then build the event."""
    event_type = _event_type(body.get("type"))
    known = {
        name: check(body[name], name)
        for name, check in _CHECKS.items()
        if body.get(name) is not None
    }
    _check_together(event_type, known)
    timestamp = _timestamp(body, arrival)
    known.setdefault("event_id", None)
    event_id = known.pop("event_id") or arrival.new_id()
    return Event(
        event_id=event_id,
        type=event_type,
        timestamp=arrival.received_at if timestamp is None else timestamp,
        project=_project(body, arrival),
        properties=_properties(body),
        received_at=arrival.received_at,
        digest=digest_of(body, timestamp),
        **known,
    )


def _event_type(value: object) -> str:
    """Return the type; those that start with `$` are written by the service alone."""
    if value is None:
        raise fields.invalid("type", "is required", "missing_field")
    if type(value) is not str:
        raise fields.invalid("type", "must be a string")
    if value.startswith("$"):
        raise fields.invalid("type", "must not start with $: such types are ours", "reserved_type")
    if not _TYPE.fullmatch(value):
        raise fields.invalid("type", "must be lower-case letters, digits and _, at most 64")
    return value


def _check_together(event_type: str, known: Mapping[str, Any]) -> None:
    """Refuse an event of nobody, and a value outside the range that its type gives it."""
    if "user_id" not in known and "anonymous_id" not in known:
        raise fields.nobody()
    value = known.get("value", 0.0)
    if event_type == "scroll" and not 0 <= value <= 1:
        raise fields.invalid("value", "must be a fraction from 0 to 1")
    if event_type == "user_engagement" and value < 0:
        raise fields.invalid("value", "must be seconds, not negative")


def _timestamp(body: Mapping[str, Any], arrival: Arrival) -> int | None:
    """Return the event's time in epoch milliseconds, None if the client gave none."""
    given = body.get("timestamp")
    if given is None:
        return None
    time_ms = fields.milliseconds(given, "timestamp")
    if arrival.is_replay:
        return time_ms
    return fields.plausible(time_ms, arrival.received_at, "timestamp")


def _project(body: Mapping[str, Any], arrival: Arrival) -> str:
    """Return the project that the event belongs to: the caller's, its own, the default one."""
    own = body.get("project")
    if own is not None:
        own = fields.identifier(own, "project")
    if arrival.is_bound and own is not None and own != arrival.project:
        raise ForbiddenError("this key belongs to another project", field="project")
    return arrival.project or own or DEFAULT_PROJECT


def _properties(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return everything that has no field of its own; what `properties` holds goes first."""
    given = body.get("properties")
    inner = {} if given is None else fields.record(given, "properties")
    if _ENVELOPE.issuperset(body):
        return inner
    outer = {name: part for name, part in body.items() if name not in _ENVELOPE}
    for name in outer:
        fields.text(name, "properties", fields.MAX_ID_CHARS)
    return {**outer, **inner}
