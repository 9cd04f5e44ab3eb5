"""Tell who is calling: which key, for which project, with which scope."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

from fastapi import Request

from coadapt.domain import fields
from coadapt.domain.errors import CoadaptError, ForbiddenError
from coadapt.settings import KeySettings

SCOPES: Final = ("ingest", "recommend", "read", "admin")
PUBLIC: Final = "public"
"""The scope of routes that need no key."""

HEADER: Final = "X-API-Key"
SECURITY_SCHEMES: Final[Mapping[str, Mapping[str, str]]] = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": HEADER,
        "description": "A key is of one project and of one scope, which includes no other: "
        f"{', '.join(SCOPES)}. A service without keys asks for none.",
    }
}
"""How a key is sent, in the words of OpenAPI."""

_HOST: Final = re.compile(
    r"(?:\[(?P<address>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9.-]+))(?::\d{1,5})?"
)
_READING: Final = frozenset({"GET", "HEAD"})


class UnauthorizedError(CoadaptError):
    """Refuse a request without a key that is known."""

    default_code = "unauthorized"


@dataclass(frozen=True, slots=True)
class Caller:
    """Name the project that a request is for.

    `project` is None when neither key nor query names one; `is_bound` says that a key fixes it.
    """

    project: str | None
    is_bound: bool

    @property
    def bound_to(self) -> str | None:
        """Return the project beyond which the caller sees nothing, None without keys."""
        return self.project if self.is_bound else None


def security_of(scope: str) -> list[dict[str, Any]]:
    """Return what a route of a scope asks for, in the words of OpenAPI: a key of that role."""
    return [] if scope == PUBLIC else [{name: [scope]} for name in SECURITY_SCHEMES]


def caller_of(request: Request, keys: Sequence[KeySettings], scope: str) -> Caller:
    """Return who is calling.

    Raises UnauthorizedError without a known key, ForbiddenError for another scope or project, and
    where there are no keys for what a page of another site has a browser write, or read under a
    name that leads here.
    """
    if not keys:
        _check_host(request)
        _check_site(request)
    asked = request.query_params.get("project")
    project = None if asked is None else fields.identifier(asked, "project")
    if scope == PUBLIC or not keys:
        return Caller(project, is_bound=False)
    key = _find(request.headers.get(HEADER, ""), keys)
    if key is None:
        raise UnauthorizedError(
            f"needs a known key in the header {HEADER}", field="header.x-api-key"
        )
    if key.scope != scope:
        raise ForbiddenError(f"needs a key of scope {scope}", field="header.x-api-key")
    if project is not None and project != key.project:
        raise ForbiddenError("this key belongs to another project", field="project")
    return Caller(key.project, is_bound=True)


def _check_host(request: Request) -> None:
    """Raise ForbiddenError for a host name that anybody may have let lead to this machine.

    To a browser a page under that name is of this very site, so that it could read all that is here
    (DNS rebinding). Nobody has a say in what an address means, or `localhost`, and a browser always
    names whom it asks.
    """
    host = request.headers.get("host")
    if host is None:
        return
    parts = _HOST.fullmatch(host)
    name = "" if parts is None else (parts["address"] or parts["name"]).lower().removesuffix(".")
    is_ours = name == "localhost" or name.endswith(".localhost")
    if not (is_ours or _is_address(name)):
        raise ForbiddenError(
            "without keys this service is asked by an address or as localhost",
            code="unknown_host",
            field="header.host",
        )


def _is_address(name: str) -> bool:
    """Tell whether a host is an address rather than a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _check_site(request: Request) -> None:
    """Raise ForbiddenError for what a page of another site has a browser write."""
    if request.method not in _READING and _is_from_another_site(request):
        raise ForbiddenError(
            "comes from a page of another site: without keys only this one may write",
            code="cross_site",
            field="header.origin",
        )


def _is_from_another_site(request: Request) -> bool:
    """Tell whether a browser sends this for a page that is not of this service.

    Browsers say so themselves, older ones only where the page is from; nobody else says anything.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site.lower() not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    return origin is not None and origin.partition("://")[2].lower() != host.lower()


def _find(text: str, keys: Sequence[KeySettings]) -> KeySettings | None:
    """Return the key with this text; every key is compared, in constant time."""
    digest = sha256(text.encode()).hexdigest()
    matching = [key for key in keys if compare_digest(key.digest, digest)]
    return matching[0] if matching else None
