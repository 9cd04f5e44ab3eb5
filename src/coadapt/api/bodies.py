"""Read request bodies within their limit, decode them strictly, and encode answers."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request, Response

from coadapt.domain.errors import CoadaptError, InvalidInputError


class TooLargeError(CoadaptError):
    """Refuse a body above the limit."""

    default_code = "too_large"


class MediaTypeError(CoadaptError):
    """Refuse a body that is not plain JSON."""

    default_code = "unsupported_media_type"


class NotJsonError(InvalidInputError):
    """Refuse a body that cannot be decoded."""

    default_code = "invalid_json"


async def read_json(request: Request, max_bytes: int) -> Any:
    """Return the decoded body.

    Raises TooLargeError while it streams in, MediaTypeError, NotJsonError.
    """
    _check_headers(request, max_bytes)
    parts: list[bytes] = []
    n_bytes = 0
    async for part in request.stream():
        n_bytes += len(part)
        if n_bytes > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
    return decode(b"".join(parts))


def decode(body: bytes) -> Any:
    """Decode UTF-8 JSON; NaN, infinities and lone surrogates are refused. Raises NotJsonError."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise NotJsonError("must be JSON in UTF-8 with finite numbers", field="body") from error


def answer(content: Any, status: int = 200) -> Response:
    """Return a JSON response; NaN becomes null."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _check_headers(request: Request, max_bytes: int) -> None:
    """Refuse what the headers already tell."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    # Without a type a body comes from any page of any site, unasked: a browser sends bytes so.
    media_type = request.headers.get("content-type", "").split(";")[0].strip()
    if media_type.lower() != "application/json":
        raise MediaTypeError("must be application/json", field="header.content-type")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError("must not be compressed", field="header.content-encoding")


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(f"must have at most {max_bytes} bytes", field="body")
