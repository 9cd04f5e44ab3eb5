"""Put the OpenAPI document together from what the routes say of themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

import coadapt
from coadapt.api.documentation import ID, Named, parameter
from coadapt.api.keys import SECURITY_SCHEMES

TITLE: Final = "Coadapt"

_DESCRIPTION: Final = """\
An adaptive recommender. Send it events as they happen; ask it for slates, and for what a person \
will be worth. Every answer reflects every event that was acknowledged before it.

Bodies are JSON in UTF-8. Times are epoch milliseconds or ISO 8601. Ids have 1 to 256 characters \
and are percent-encoded in paths. Lists take `limit` and `cursor` and answer `next_cursor`. Every \
failure is an `Error`: a stable `code`, a `message` for people, and the `field` that is wrong."""

_SERVERS: Final = ({"url": "/", "description": "The service that answers with this document"},)
_PATH_NAME: Final = re.compile(r"\{(\w+)\}")


def document(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Return the OpenAPI document of the routes, each named schema in it once."""
    described = [route for route in routes if isinstance(route, APIRoute)]
    schemas: dict[str, Any] = {}
    placed: dict[str, Any] = _placed(_content(described), schemas)
    components = {"schemas": dict(sorted(schemas.items())), "securitySchemes": SECURITY_SCHEMES}
    return {**placed, "components": components}


def _content(routes: Iterable[APIRoute]) -> dict[str, Any]:
    """Return the document with the named schemas where they are used."""
    paths: dict[str, dict[str, Any]] = {}
    tags: dict[str, str] = {}
    for route in routes:
        tags[_tag(route)] = inspect.getdoc(inspect.getmodule(route.endpoint)) or ""
        for method in sorted(route.methods or ()):
            paths.setdefault(route.path, {})[method.lower()] = _operation(route, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": coadapt.__version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": _SERVERS,
        "tags": [{"name": name, "description": said} for name, said in tags.items()],
        "paths": paths,
    }


def _operation(route: APIRoute, method: str) -> dict[str, Any]:
    """Return one operation: what the route declares, its name, and what its path names."""
    declared = route.openapi_extra or {}
    name = route.operation_id or route.endpoint.__name__
    if method == "HEAD":
        name = f"head_{name.removeprefix('get_')}"
        declared = {**declared, "responses": _without_content(declared["responses"])}
    named = [parameter(each, "path", ID) for each in _PATH_NAME.findall(route.path)]
    return {
        "tags": [_tag(route)],
        "summary": name.replace("_", " ").capitalize(),
        "description": inspect.getdoc(route.endpoint) or "",
        "operationId": name,
        **declared,
        "parameters": named + declared["parameters"],
    }


def _without_content(responses: Mapping[str, Any]) -> dict[str, Any]:
    """Return the responses as HEAD has them."""
    return {
        status: {part: said for part, said in response.items() if part != "content"}
        for status, response in responses.items()
    }


def _tag(route: APIRoute) -> str:
    """Return under what an operation is listed: the file that it stands in."""
    return route.endpoint.__module__.rpartition(".")[2]


def _placed(part: Any, schemas: dict[str, Any]) -> Any:
    """Return a part of the document that refers to the named schemas in it, which it notes."""
    if isinstance(part, Named):
        if part.name not in schemas:
            schemas[part.name] = _placed(part.schema, schemas)
        return {"$ref": f"#/components/schemas/{part.name}"}
    if isinstance(part, Mapping):
        return {name: _placed(each, schemas) for name, each in part.items()}
    if isinstance(part, list | tuple):
        return [_placed(each, schemas) for each in part]
    return part
