"""Describe items and retire them."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import FREE, ID, TIME, operation, record
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain import fields
from coadapt.domain.catalogue import MAX_EMBEDDING
from coadapt.domain.errors import NotFoundError
from coadapt.serving.describe import put_items, retire_item

router = APIRouter(route_class=ScopedRoute)

_TEXT: Final = {"type": "string", "maxLength": fields.MAX_TEXT_CHARS}
_ATTRIBUTES: Final = {
    "title": _TEXT,
    "description": _TEXT,
    "category": ID,
    "brand": ID,
    "price": {"type": "number", "minimum": 0},
    "currency": ID,
    "tags": {"type": "array", "items": ID},
    "image_url": _TEXT,
    "embedding": {"type": "array", "items": {"type": "number"}, "maxItems": MAX_EMBEDDING},
    "available": {"type": "boolean"},
    "available_from": TIME,
    "available_until": TIME,
    "host_id": ID,
    "created_at": TIME,
    "properties": FREE,
}
_ITEM = record((), **_ATTRIBUTES)
_LISTED_ITEM = record(("item_id",), item_id=ID, **_ATTRIBUTES)
_ITEMS = record(
    ("items",),
    items={"type": "array", "items": _LISTED_ITEM, "minItems": 1, "maxItems": fields.MAX_LIST},
)
_STORED = record(("stored",), stored={"type": "integer"})


@router.put(
    "/v1/items/{item_id}",
    openapi_extra=operation("ingest", path=("item_id",), body=_ITEM, result=_STORED),
)
async def put_item(request: Request) -> Response:
    """Describe one item; what was said of it before is replaced."""
    call = call_of(request)
    attributes = fields.body_object(await call.body())
    n_stored = await put_items(call.loop, [(call.path_id("item_id"), attributes)], call.arrival())
    return answer({"stored": n_stored})


@router.post("/v1/items", openapi_extra=operation("ingest", body=_ITEMS, result=_STORED))
async def post_items(request: Request) -> Response:
    """Describe up to 1,000 items, all or none."""
    call = call_of(request)
    items = fields.elements(fields.body_object(await call.body()).get("items"), "items")
    described = [_split(item) for item in items]
    return answer({"stored": await put_items(call.loop, described, call.arrival())})


@router.get("/v1/items/{item_id}", openapi_extra=operation("read", path=("item_id",)))
async def get_item(request: Request) -> Response:
    """Return what is stored about an item."""
    call = call_of(request)
    item_id = call.path_id("item_id")
    attributes = call.loop.features.item(call.project, item_id, as_of=call.now_ms)
    if attributes is None:
        raise NotFoundError("no such item is described", field="item_id")
    return answer({"item_id": item_id, **attributes})


@router.delete(
    "/v1/items/{item_id}",
    openapi_extra=operation("ingest", path=("item_id",), result=_STORED),
)
async def delete_item(request: Request) -> Response:
    """Take an item out of answers; what happened with it stays in the log."""
    call = call_of(request)
    await retire_item(call.loop, call.path_id("item_id"), call.arrival())
    return answer({"stored": 1})


def _split(item: Any) -> tuple[object, dict[str, Any]]:
    """Return an item's id and its attributes. Raises InvalidInputError."""
    if type(item) is not dict:
        raise fields.invalid("items", "must be a list of objects")
    return item.get("item_id"), {name: part for name, part in item.items() if name != "item_id"}
