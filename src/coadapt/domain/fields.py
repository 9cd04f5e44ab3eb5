"""Check one field that a client sent: its type, its size, its characters and its range."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import InvalidInputError
from coadapt.domain.spelling import unknown_name

MAX_ID_CHARS: Final = 256
MAX_TEXT_CHARS: Final = 10_000
MAX_OBJECT_BYTES: Final = 65_536
MAX_DEPTH: Final = 16
MAX_LIST: Final = 1_000
EARLIEST_MS: Final = 631_152_000_000
"""1990-01-01: nothing earlier is a plausible event."""
MAX_AHEAD_MS: Final = DAY_MS

_FIRST_MS: Final = -62_135_596_800_000
_LAST_MS: Final = 253_402_300_799_999
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSAFE_IN_TEXT = re.compile("[\x00\ud800-\udfff]")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def invalid(field: str, message: str, code: str | None = None) -> InvalidInputError:
    """Return the error of one field; its code is `invalid_` and the field's outermost name."""
    outermost = re.split(r"[.\[]", field, maxsplit=1)[0]
    return InvalidInputError(message, code=code or f"invalid_{outermost}", field=field)


def nobody() -> InvalidInputError:
    """Return the error of what should name a person and names none."""
    return invalid("user_id", "user_id or anonymous_id is required", "missing_field")


def check_names(given: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a field that there is not, and say which may have been meant.

    It is named where it looks like a name; anything else is the client's and is not repeated.
    """
    strange = next((name for name in given if name not in known), None)
    if strange is None:
        return
    if _PLAIN_NAME.fullmatch(strange):
        raise invalid(strange, unknown_name(strange, known), "unknown_field")
    raise invalid("body", f"may have {', '.join(known)} only", "unknown_field")


def identifier(value: object, field: str) -> str:
    """Return an id: 1 to 256 characters without control characters and lone surrogates."""
    if type(value) is not str:
        raise invalid(field, "must be a string")
    if not 0 < len(value) <= MAX_ID_CHARS:
        raise invalid(field, f"must have 1 to {MAX_ID_CHARS} characters")
    if not value.isprintable() and _UNSAFE.search(value):
        raise invalid(field, "must be well-formed Unicode without control characters")
    return value


def text(value: object, field: str, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return free text without NUL and lone surrogates."""
    if type(value) is not str:
        raise invalid(field, "must be a string")
    if len(value) > max_chars:
        raise invalid(field, f"must have at most {max_chars} characters")
    if not value.isprintable() and _UNSAFE_IN_TEXT.search(value):
        raise invalid(field, "must be well-formed Unicode without NUL")
    return value


def number(value: object, field: str) -> float:
    """Return a finite number; true and false are none."""
    checked = _finite(value)
    if checked is None:
        raise invalid(field, "must be a finite number")
    return checked


def amount(value: object, field: str) -> float:
    """Return a finite number that is not negative."""
    checked = number(value, field)
    if checked < 0:
        raise invalid(field, "must not be negative")
    return checked


def whole(value: object, field: str, low: int = 0, high: int = 2**31 - 1) -> int:
    """Return a whole number in [low, high]; 1.0 is one."""
    checked = _finite(value)
    if checked is None or not checked.is_integer() or not low <= checked <= high:
        raise invalid(field, f"must be a whole number from {low} to {high}")
    return int(checked)


def _finite(value: object) -> float | None:
    """Return a finite number, None for anything else."""
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and -(2**63) <= value < 2**63:
        return float(value)
    return None


def flag(value: object, field: str) -> bool:
    """Return true or false."""
    if type(value) is not bool:
        raise invalid(field, "must be true or false")
    return value


def milliseconds(value: object, field: str) -> int:
    """Return epoch milliseconds from a whole number or from ISO 8601; without a zone: UTC."""
    try:
        if type(value) is str:
            moment = datetime.fromisoformat(value)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return round(aware.timestamp() * 1000)
        return whole(value, field, _FIRST_MS, _LAST_MS)
    except (ValueError, OverflowError, InvalidInputError) as error:
        raise invalid(field, "must be epoch milliseconds or ISO 8601") from error


def plausible(time_ms: int, now_ms: int, field: str) -> int:
    """Return a time that is neither before 1990 nor more than a day ahead."""
    if not EARLIEST_MS <= time_ms <= now_ms + MAX_AHEAD_MS:
        raise invalid(field, "must lie between 1990 and 24 hours from now")
    return time_ms


def record(value: object, field: str) -> Mapping[str, Any]:
    """Return a JSON object; what is in it is checked by `canonical`."""
    if type(value) is not dict:
        raise invalid(field, "must be an object")
    return value


def sound_record(value: object, field: str) -> Mapping[str, Any]:
    """Return a JSON object that is sound all the way down, of at most MAX_OBJECT_BYTES."""
    sound: dict[str, Any] = canonical(record(value, field), field)
    if len(_encode(sound).encode()) > MAX_OBJECT_BYTES:
        raise invalid(field, f"must have at most {MAX_OBJECT_BYTES} bytes", "too_large")
    return sound


def canonical(value: object, field: str, depth: int = 0) -> Any:
    """Return a JSON value with one form a number (1.0 becomes 1), refusing what is unsound."""
    kind = type(value)
    if kind is str:
        return text(value, field, MAX_OBJECT_BYTES)
    if kind is int or kind is float:
        return _canonical_number(value, field)
    if value is None or kind is bool:
        return value
    return _canonical_container(value, field, depth + 1)


def _canonical_number(value: Any, field: str) -> int | float:
    """Return a whole number as int."""
    checked = number(value, field)
    if type(value) is float and checked.is_integer() and abs(checked) < 2**63:
        return int(checked)
    return value  # type: ignore[no-any-return]  # number() has made sure that it is one


def _canonical_container(value: object, field: str, depth: int) -> Any:
    """Return an object or a list of canonical parts."""
    if depth > MAX_DEPTH:
        raise invalid(field, f"must not be nested deeper than {MAX_DEPTH}")
    if isinstance(value, dict):
        return {
            text(name, field, MAX_ID_CHARS): canonical(part, field, depth)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [canonical(part, field, depth) for part in value]
    raise invalid(field, "must be a JSON value")


def identifiers(value: object, field: str) -> tuple[str, ...]:
    """Return a list of at most 1,000 ids."""
    return tuple(identifier(part, f"{field}[{i}]") for i, part in enumerate(elements(value, field)))


def elements(value: object, field: str) -> list[Any]:
    """Return a list of at most 1,000 values."""
    if type(value) is not list:
        raise invalid(field, "must be a list")
    if len(value) > MAX_LIST:
        raise invalid(field, f"must have at most {MAX_LIST} values")
    return value


def body_object(value: object) -> dict[str, Any]:
    """Return the body of a request, which is to be a JSON object."""
    if type(value) is not dict:
        raise invalid("body", "must be a JSON object")
    return value
