"""Keep what was asked and told in a file of JSON lines that a crash at any point leaves whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, Self

from coadapt.domain.errors import StoreError, StudyError
from coadapt.stores.locks import try_lock

NAME: Final = "journal.jsonl"


class StudyJournal:
    """Append lines, each on the disk before `append` returns; one process at a time.

    A last line that a crash cut off is dropped: what it said was never acknowledged. Raises
    StudyError for a file in use or damaged, StoreError.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab")
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
        """Write a line through to the disk. Raises StoreError."""
        try:
            self._file.write(json.dumps(line, allow_nan=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error
        self.lines.append(line)

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
