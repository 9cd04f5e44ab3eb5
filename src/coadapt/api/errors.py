"""Answer every error in one form: code, message, field; never the input, never a trace."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from coadapt.api.bodies import MediaTypeError, NotJsonError, TooLargeError, answer
from coadapt.api.keys import UnauthorizedError
from coadapt.domain.errors import (
    CoadaptError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MissingExtraError,
    NotFoundError,
    OverloadedError,
    RunError,
    StoreError,
    StoreFullError,
    UnknownPluginError,
    ValuingError,
)

_logger = logging.getLogger(__name__)

_STATUS: Final[tuple[tuple[type[CoadaptError], int], ...]] = (
    (NotJsonError, 400),
    (TooLargeError, 413),
    (MediaTypeError, 415),
    (UnauthorizedError, 401),
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (RunError, 409),
    (UnknownPluginError, 409),
    (MissingExtraError, 409),
    (InvalidInputError, 422),
    (StoreFullError, 507),
    (OverloadedError, 503),
    (StoreError, 503),
    (ValuingError, 503),
)
"""The first class that fits decides."""

_HTTP_CODES: Final = {404: "not_found", 405: "method_not_allowed"}


def error_answer(code: str, message: str, field: str | None, status: int) -> Response:
    """Return the body that every error has."""
    return answer({"code": code, "message": message, "field": field}, status)


def status_of(error: CoadaptError) -> int:
    """Return the HTTP status of an error of ours."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def install_error_handlers(app: FastAPI) -> None:
    """Replace the framework's error bodies by ours."""
    app.add_exception_handler(CoadaptError, _answer_ours)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unforeseen)


def answer_to(error: CoadaptError) -> Response:
    """Return the answer to an error of ours; what cannot be the client's fault is logged."""
    status = status_of(error)
    if status == 500:
        _logger.error("a request failed", exc_info=error)
    response = error_answer(error.code, error.message, error.field, status)
    if status == 503:
        wait_s = error.retry_after_s if isinstance(error, OverloadedError) else 1
        response.headers["Retry-After"] = str(wait_s)
    if status == 401:
        response.headers["WWW-Authenticate"] = "ApiKey"
    return response


async def _answer_ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, CoadaptError)
    return answer_to(error)


async def _answer_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "invalid_request")
    response = error_answer(code, str(error.detail).lower(), None, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _answer_unforeseen(_: Request, error: Exception) -> Response:
    _logger.error("a request failed", exc_info=error)
    return error_answer(
        "internal", "failed on our side; the log of the service says why", None, 500
    )
