"""Read the parts of a SQLite file that hold no live data but may hold what once was."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_FILE_HEADER_BYTES: Final = 100
_HEADER_BYTES: Final = {0x02: 12, 0x05: 12, 0x0A: 8, 0x0D: 8}
"""Length of a tree page's header by its first byte; any other page is not one of a tree."""

_BUFFER_BYTES: Final = 1 << 22


def free_parts(file: Path) -> Iterator[bytes]:
    """Yield every piece of free space that is not all zeros: pages no longer used, gaps in others.

    The unused end of an overflow chain is left out: `secure_delete` zeroes it. The file must not
    change meanwhile.
    """
    with file.open("rb", buffering=_BUFFER_BYTES) as stream:
        header = stream.read(_FILE_HEADER_BYTES)
        if len(header) < _FILE_HEADER_BYTES:
            return
        (page_size,) = struct.unpack_from(">H", header, 16)
        page_size = 65_536 if page_size == 1 else page_size
        unused = _unused_pages(stream, header, page_size)
        stream.seek(0)
        number = 0
        while page := stream.read(page_size):
            number += 1
            parts = (page,) if number in unused else _gaps(page, is_first=number == 1)
            yield from (part for part in parts if part.strip(b"\0"))


def _unused_pages(stream: BinaryIO, header: bytes, page_size: int) -> set[int]:
    """Return the numbers of the pages on the list of free ones."""
    (trunk,) = struct.unpack_from(">I", header, 32)
    unused: set[int] = set()
    while trunk and trunk not in unused:
        unused.add(trunk)
        stream.seek((trunk - 1) * page_size)
        page = stream.read(page_size)
        trunk, n_leaves = struct.unpack_from(">II", page)
        unused.update(struct.unpack_from(f">{min(n_leaves, page_size // 4 - 2)}I", page, 8))
    return unused


def _gaps(page: bytes, *, is_first: bool) -> Iterator[bytes]:
    """Yield what lies between and beside the cells of a tree's page."""
    start = _FILE_HEADER_BYTES if is_first else 0
    header_bytes = _HEADER_BYTES.get(page[start])
    if header_bytes is None:
        return
    block, n_cells, content = struct.unpack_from(">HHH", page, start + 1)
    yield page[start + header_bytes + 2 * n_cells : content or 65_536]
    while 0 < block <= len(page) - 4:
        following, n_bytes = struct.unpack_from(">HH", page, block)
        yield page[block + 4 : block + n_bytes]
        block = following if following > block else 0
