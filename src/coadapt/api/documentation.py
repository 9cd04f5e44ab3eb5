"""Describe the operations for the OpenAPI document, beside the scope that each needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from coadapt.api.keys import PUBLIC, security_of
from coadapt.domain.query_parsing import MAX_COUNT
from coadapt.serving.fallback import COLD, OPTED_OUT, POPULAR


@dataclass(frozen=True, slots=True)
class Named:
    """Name a schema: the document holds it once, and refers to it wherever it is used."""

    name: str
    schema: Mapping[str, Any]


Schema = Mapping[str, Any] | Named

ID: Final[Mapping[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 256,
    "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
}
TIME: Final[Schema] = Named(
    "Time",
    {
        "description": "Epoch milliseconds or ISO 8601",
        "oneOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}],
    },
)
INSTANT: Final[Schema] = {"type": "integer", "description": "Epoch milliseconds"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_COUNT, "default": 10}
FREE: Final[Schema] = {"type": "object", "additionalProperties": True}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
TEXT: Final[Schema] = {"type": "string"}
NULLABLE_TEXT: Final[Schema] = {"type": ["string", "null"]}
SOMEBODY: Final[Mapping[str, Any]] = {
    "allOf": [{"anyOf": [{"required": ["user_id"]}, {"required": ["anonymous_id"]}]}]
}
"""One of both ids is needed; outside of `allOf` generators of clients would lose the fields."""

LOGGED: Final = (500, 507)
"""How a write to the log can fail, beside what can happen to any request."""

REASONS: Final = {
    400: "Not JSON, or too many events",
    401: "No known key",
    403: "The key's scope or project does not allow it, or the person was erased",
    404: "There is no such thing",
    409: "Contradicts what is stored, or cannot be used",
    413: "The body is too large",
    415: "Not plain JSON",
    422: "A field is wrong; `field` says which",
    500: "`stored_not_folded`: it is stored, but state could not follow; do not send it again",
    503: "Nothing was done; Retry-After says when to come back",
    507: "The disk is full",
}
"""Why an answer may have each status of failure."""
_ALWAYS: Final = (403, 422)
_WITH_A_KEY: Final = (401, 503)
_WITH_A_BODY: Final = (400, 413, 415)
_RETRY_AFTER: Final = {"Retry-After": {"description": "Seconds", "schema": WHOLE}}


def operation(
    scope: str,
    *,
    body: Schema | None = None,
    query: Mapping[str, Schema] | None = None,
    result: Schema | None = FREE,
    status: int = 200,
    fails: Collection[int] = (),
) -> dict[str, Any]:
    """Return an operation: its scope, what it takes and what it answers (None: plain text).

    `fails` are statuses beside those that follow from scope and body. What the path names is left
    to the document.
    """
    documented: dict[str, Any] = {
        "x-scope": scope,
        "security": security_of(scope),
        "parameters": [
            parameter(name, "query", schema)
            for name, schema in {**(query or {}), "project": ID}.items()
        ],
        "responses": {
            str(status): _done(result),
            **{str(code): _failed(code) for code in sorted(_failures(scope, body, fails))},
        },
    }
    if scope == PUBLIC:
        documented["responses"]["503"] = {**_done(result), "description": "Not ready to serve"}
    if body is not None:
        documented["requestBody"] = {"required": True, "content": _json(body)}
    return documented


def parameter(name: str, place: str, schema: Schema) -> dict[str, Any]:
    """Return a parameter; what the path names is required."""
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def listing(name: str, item: Schema = FREE, **more: Schema) -> Mapping[str, Any]:
    """Return the schema of a page: a list, where it goes on, and what else is told beside it."""
    page = {name: array(item), "next_cursor": NULLABLE_TEXT, **more}
    return record(tuple(page), **page)


def record(required: tuple[str, ...] = (), **properties: Schema) -> Mapping[str, Any]:
    """Return the schema of an object."""
    return {"type": "object", "required": list(required), "properties": properties}


def whole(**properties: Schema) -> Mapping[str, Any]:
    """Return the schema of an object that always has all of its properties."""
    return record(tuple(properties), **properties)


def written(kind: type, **more: Schema) -> Mapping[str, Any]:
    """Return the schema of a dataclass that is answered as it stands, with `more` beside it."""
    _, schemas = msgspec.json.schema_components([kind], ref_template="{name}")
    schema = schemas[kind.__name__]
    properties = {name: _plain(part) for name, part in schema["properties"].items()}
    return {**whole(**properties, **more), "description": " ".join(schema["description"].split())}


def array(items: Schema, **limits: int) -> Mapping[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": items, **limits}


def choice(*values: str) -> Mapping[str, Any]:
    """Return the schema of one of several texts."""
    return {"type": "string", "enum": list(values)}


def nullable(schema: Schema) -> Mapping[str, Any]:
    """Return the schema of something that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a field without its default: an answer leaves nothing out."""
    kept = {name: part for name, part in schema.items() if name != "default"}
    kinds = [each.get("type") for each in kept.get("anyOf", ())]
    is_simple = bool(kinds) and all(kinds) and all(len(each) == 1 for each in kept["anyOf"])
    return {"type": kinds} if is_simple else kept


def _failures(scope: str, body: Schema | None, fails: Collection[int]) -> set[int]:
    """Return the statuses with which an operation may fail."""
    with_a_key = () if scope == PUBLIC else _WITH_A_KEY
    with_a_body = () if body is None else _WITH_A_BODY
    return {*_ALWAYS, *with_a_key, *with_a_body, *fails}


def _done(result: Schema | None) -> dict[str, Any]:
    """Return a response that says what was asked; None is plain text."""
    content = {"text/plain": {"schema": TEXT}} if result is None else _json(result)
    return {"description": "Done", "content": content}


def _failed(status: int) -> dict[str, Any]:
    """Return the response of a failure."""
    headers = {"headers": _RETRY_AFTER} if status == 503 else {}
    return {"description": REASONS[status], **headers, "content": _json(ERROR)}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


ERROR: Final[Schema] = Named(
    "Error",
    whole(
        code={"type": "string", "description": "Stable: what a client can act on"},
        message={"type": "string", "description": "For people"},
        field={"type": ["string", "null"], "description": "Path of the field that is wrong"},
    ),
)
FALLBACK: Final[Schema] = nullable(Named("Fallback", choice(POPULAR, OPTED_OUT, COLD)))
"""What answered when personalisation could not; null: nothing had to."""
HEALTH: Final[Schema] = Named(
    "Health",
    record(
        ("status",),
        status=choice("live", "lost", "ready", "degraded", "not_ready"),
        store={"type": "string", "description": "`ok`, or why the log cannot be used"},
        degraded_projects=WHOLE,
        faults={"type": "object", "additionalProperties": TEXT},
        state_is_level=FLAG,
        log_position=WHOLE,
        unscrubbed_erasures=WHOLE,
        value=whole(users=WHOLE, bytes_per_user=NUMBER),
    ),
)
