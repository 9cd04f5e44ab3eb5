"""Keep what was asked and told in a file of JSON lines that a crash at any point leaves whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, Self

from coadapt.domain.errors import StoreError, StudyError
from coadapt.stores.locks import try_lock

NAME: Final = "journal.jsonl"


def kept_identity(folder: Path) -> dict[str, Any]:
    """Return what a folder's study is of, as its journal says; nothing where there is none yet."""
    try:
        with (folder / NAME).open("rb") as file:
            line = json.loads(file.readline())
    except (OSError, ValueError):
        return {}
    found = line.get("study") if isinstance(line, dict) else None
    return found if isinstance(found, dict) else {}


class StudyJournal:
    """Append lines, each on the disk before `append` returns; one process at a time.

    A last line that a crash cut off is dropped: what it said was never acknowledged. Raises
    StudyError for a file in use or damaged, StoreError.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what a full disk refused must not be tried again when the file is closed.
            self._file = self.path.open("ab", buffering=0)
            is_ours = try_lock(self._file)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error
        if not is_ours:
            self._file.close()
            raise StudyError(f"{self.path} is in use: another process runs this study")
        try:
            self.lines = self._read()
        except StudyError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, line: dict[str, Any]) -> None:
        """Write a line through to the disk, whole or not at all. Raises StoreError."""
        file = self._file.fileno()
        n_before = os.fstat(file).st_size
        try:
            self._write(json.dumps(line, allow_nan=False).encode() + b"\n")
            os.fsync(file)
        except OSError as error:
            os.ftruncate(file, n_before)
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error
        self.lines.append(line)

    def _write(self, content: bytes) -> None:
        """Write all of it; the system may take it in pieces."""
        while content:
            content = content[self._file.write(content) :]

    def _read(self) -> list[dict[str, Any]]:
        """Return the whole lines, and cut off what follows the last."""
        content = self.path.read_bytes()
        n_whole = content.rfind(b"\n") + 1
        if n_whole < len(content):
            os.truncate(self.path, n_whole)
        return [
            self._parsed(number, text)
            for number, text in enumerate(content[:n_whole].splitlines(), start=1)
        ]

    def _parsed(self, number: int, text: bytes) -> dict[str, Any]:
        """Return one line. Raises StudyError that names it."""
        try:
            line = json.loads(text)
        except ValueError as error:
            raise StudyError(f"{self.path}, line {number}: is not JSON ({error})") from error
        if not isinstance(line, dict):
            raise StudyError(f"{self.path}, line {number}: is no JSON object")
        return line
