"""Describe items and retire them."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from coadapt.api.bodies import answer
from coadapt.api.documentation import (
    FLAG,
    FREE,
    ID,
    LOGGED,
    NUMBER,
    TIME,
    WHOLE,
    Named,
    array,
    operation,
    record,
    whole,
)
from coadapt.api.routing import ScopedRoute, call_of
from coadapt.domain import fields
from coadapt.domain.catalogue import MAX_EMBEDDING
from coadapt.domain.errors import NotFoundError
from coadapt.serving.describe import put_item as describe
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
    "tags": array(ID, maxItems=fields.MAX_LIST),
    "image_url": _TEXT,
    "embedding": array(NUMBER, maxItems=MAX_EMBEDDING),
    "available": FLAG,
    "available_from": TIME,
    "available_until": TIME,
    "host_id": ID,
    "created_at": TIME,
    "properties": FREE,
}
_CLOSED: Final = {"additionalProperties": False}
_DESCRIPTION: Final = Named("ItemDescription", {**record((), **_ATTRIBUTES), **_CLOSED})
_WITH_ID: Final = record(("item_id",), item_id=ID, **_ATTRIBUTES)
_ITEM: Final = Named("Item", _WITH_ID)
_LISTED: Final = Named("ListedItem", {**_WITH_ID, **_CLOSED})
_ITEMS: Final = Named("ItemBatch", whole(items=array(_LISTED, maxItems=fields.MAX_LIST)))
_STORED: Final = Named("Stored", whole(stored=WHOLE))


@router.put(
    "/v1/items/{item_id}",
    operation_id="put_item",
    openapi_extra=operation("ingest", body=_DESCRIPTION, result=_STORED, fails=LOGGED),
)
async def put_item(request: Request) -> Response:
    """Describe one item; what was said of it before is replaced."""
    call = call_of(request)
    attributes = fields.body_object(await call.body())
    await describe(call.loop, call.path_id("item_id"), attributes, call.arrival())
    return answer({"stored": 1})


@router.post(
    "/v1/items",
    operation_id="put_items",
    openapi_extra=operation("ingest", body=_ITEMS, result=_STORED, fails=LOGGED),
)
async def post_items(request: Request) -> Response:
    """Describe up to 1,000 items, all or none."""
    call = call_of(request)
    items = fields.elements(fields.body_object(await call.body()).get("items"), "items")
    described = [_split(item, f"items[{place}]") for place, item in enumerate(items)]
    return answer({"stored": await put_items(call.loop, described, call.arrival())})


@router.get(
    "/v1/items/{item_id}",
    operation_id="get_item",
    openapi_extra=operation("read", result=_ITEM, fails=(404,)),
)
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
    operation_id="retire_item",
    openapi_extra=operation("ingest", result=_STORED, fails=LOGGED),
)
async def delete_item(request: Request) -> Response:
    """Take an item out of answers; what happened with it stays in the log."""
    call = call_of(request)
    await retire_item(call.loop, call.path_id("item_id"), call.arrival())
    return answer({"stored": 1})


def _split(item: Any, field: str) -> tuple[object, dict[str, Any]]:
    """Return an item's id and its attributes. Raises InvalidInputError."""
    given = fields.record(item, field)
    return given.get("item_id"), {name: part for name, part in given.items() if name != "item_id"}
