"""Make file names of any text, and back: what is not plain is percent-encoded."""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import quote

from coadapt.domain.errors import InvalidInputError

MAX_NAME_BYTES: Final = 180
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def safe_name(text: str) -> str:
    """Return a file name for any text: `a/b` is `a%2Fb`, `..` is `%2E%2E`.

    A name too long for a file system keeps its beginning and ends in a hash of the whole.
    """
    content = text.encode("utf-8", "surrogatepass")
    encoded = quote(content, safe="")
    if not encoded.strip("."):
        encoded = encoded.replace(".", "%2E") or "%"
    if len(encoded) <= MAX_NAME_BYTES:
        return encoded
    return f"{encoded[:MAX_NAME_BYTES]}%{hashlib.sha256(content).hexdigest()[:16]}"


def check_run_id(run_id: str) -> str:
    """Return a run id that may stand in a path. Raises InvalidInputError."""
    if not _RUN_ID.fullmatch(run_id) or run_id.endswith(".partial"):
        raise InvalidInputError(
            "a run id is 1 to 128 letters, digits, dots, dashes and underscores", field="run"
        )
    return run_id
