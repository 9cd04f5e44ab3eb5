"""Read plain and gzipped files as columns of lines, block by block."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from coadapt.domain.errors import DataError, EmptyDataError
from coadapt.domain.progress import Progress, no_progress

LINE, REASON = "#line", "#reason"
"""Columns of blocks: a row's line, and why it is bad (null: it is not). No file's own names."""

BLOCK_BYTES = 1 << 25
QUOTED_FIELD_MAX_BYTES = 1 << 20
"""A quote that is still open after this much text is taken for a stray one."""


def find_file(path: Path, *names: str) -> Path | None:
    """Return the file of one of these names, plain or `.gz`, in a folder or beside a file."""
    folder = path if path.is_dir() else path.parent
    candidates = (folder / f"{name}{suffix}" for name in names for suffix in ("", ".gz"))
    return next((file for file in candidates if file.is_file()), None)


def data_file(path: Path, *names: str) -> Path:
    """Return the file that holds the events: `path` itself, or the one of these names in it."""
    if path.is_file():
        return path
    if not path.exists():
        raise DataError(f"{path} does not exist; check the path")
    found = find_file(path, *names)
    if found is None:
        raise DataError(f"{path} holds no {' or '.join(names)} (plain or .gz); name its folder")
    return found


def lines(
    path: Path,
    encoding: str = "utf-8",
    *,
    is_quoted: bool = False,
    progress: Progress = no_progress,
) -> Iterator[tuple[int, pl.Series]]:
    """Yield (number of the first line, lines) a block; line ends and a byte-order mark are cut.

    With `is_quoted` no block ends inside a quoted field. Raises DataError for an empty or binary
    file and for a damaged gzip.
    """
    first_line = 1
    for block in _blocks(path, progress, is_quoted=is_quoted):
        if b"\0" in block:
            raise DataError(f"{path} is not a text file; unpack or convert it first")
        text = block.decode(encoding, errors="replace").removeprefix("\ufeff").removesuffix("\n")
        column = pl.Series("text", [text]).str.split("\n").explode(empty_as_null=False)
        yield first_line, column.str.strip_suffix("\r")
        first_line += len(column)
    if first_line == 1:
        raise EmptyDataError(f"{path} is empty; fetch it again")


def first_lines(path: Path, n_lines: int = 5, encoding: str = "utf-8") -> list[str]:
    """Return the first lines of a file, none for one that cannot be read as text."""
    try:
        with path.open("rb") as raw:
            start = _unpacked(raw).read(1 << 16)
    except (OSError, EOFError, zlib.error):
        return []
    if b"\0" in start:
        return []
    text = start.decode(encoding, errors="replace").removeprefix("\ufeff")
    return text.splitlines()[:n_lines]


def check_text(path: Path) -> None:
    """Refuse a file that cannot be read as text, whatever it is. Raises DataError."""
    next(lines(path))


def _unpacked(raw: BinaryIO) -> BinaryIO:
    """Return what an open file holds, through gzip where its first bytes say so."""
    is_gzip = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if is_gzip else raw


def _blocks(path: Path, progress: Progress, *, is_quoted: bool) -> Iterator[bytes]:
    """Yield the bytes of a file in blocks that end where a line does."""
    rest = b""
    for chunk in _chunks(path, progress):
        block = rest + chunk
        end = _last_line_end(block, is_quoted=is_quoted)
        rest = block[end:]
        if end:
            yield block[:end]
    if rest:
        yield rest


def _chunks(path: Path, progress: Progress) -> Iterator[bytes]:
    """Yield the bytes of a file in pieces of one size; progress is by bytes on disk."""
    try:
        with path.open("rb") as raw:
            stream, n_bytes = _unpacked(raw), path.stat().st_size
            while chunk := stream.read(BLOCK_BYTES):
                progress(raw.tell(), n_bytes, f"reading {path.name}")
                yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is a damaged or cut off gzip file; fetch it again") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error


def _last_line_end(block: bytes, *, is_quoted: bool) -> int:
    """Return the position behind the last line end, before an open quoted field."""
    if is_quoted and block.count(b'"') % 2:
        end = block.rfind(b"\n", 0, block.rfind(b'"')) + 1
        if len(block) - end <= QUOTED_FIELD_MAX_BYTES:
            return end
    return block.rfind(b"\n") + 1
