"""Describe the operations for the OpenAPI document, beside the scope that each needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from coadapt.domain.query_parsing import MAX_COUNT

Schema = Mapping[str, Any]

ID: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 256,
    "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
}
TIME: Final[Schema] = {
    "description": "Epoch milliseconds or ISO 8601",
    "oneOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}],
}
COUNT: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_COUNT, "default": 10}
FREE: Final[Schema] = {"type": "object", "additionalProperties": True}
ERROR: Final[Schema] = {
    "type": "object",
    "required": ["code", "message", "field"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "field": {"type": ["string", "null"]},
    },
}

_REASONS: Final = {
    400: "Not JSON, or too many events",
    401: "No known key",
    403: "The key's scope or project does not allow it",
    404: "There is no such thing",
    405: "The path has no such method",
    409: "Contradicts what is stored, or cannot be used",
    413: "The body is too large",
    415: "Not plain JSON",
    422: "A field is wrong; `field` says which",
    503: "Overloaded; Retry-After says when to come back",
    507: "The disk is full",
}


def operation(
    scope: str,
    *,
    body: Schema | None = None,
    query: Mapping[str, Schema] | None = None,
    path: tuple[str, ...] = (),
    result: Schema | None = FREE,
    status: int = 200,
) -> dict[str, Any]:
    """Return an operation: its scope, parameters, body and answer (None: plain text)."""
    done = {"text/plain": {"schema": {"type": "string"}}} if result is None else _json(result)
    documented: dict[str, Any] = {
        "x-scope": scope,
        "parameters": [_parameter(name, "path", ID) for name in path]
        + [_parameter(name, "query", schema) for name, schema in (query or {}).items()]
        + [_parameter("project", "query", ID)],
        "responses": {
            str(status): {"description": "Done", "content": done},
            **{
                str(code): {"description": reason, "content": _json(ERROR)}
                for code, reason in _REASONS.items()
            },
        },
    }
    if body is not None:
        documented["requestBody"] = {"required": True, "content": _json(body)}
    return documented


def listing(name: str, item: Schema = FREE) -> Schema:
    """Return the schema of a page: a list and where it goes on."""
    return {
        "type": "object",
        "required": [name],
        "properties": {
            name: {"type": "array", "items": item},
            "next_cursor": {"type": ["string", "null"]},
        },
    }


def record(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return the schema of an object."""
    return {"type": "object", "required": list(required), "properties": properties}


def _parameter(name: str, place: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
