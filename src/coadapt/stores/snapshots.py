"""Keep snapshots of state: a cache that makes starts fast, dropped whenever in doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from coadapt.domain.errors import RunError
from coadapt.stores._durable import named_errors, replace_file, sync_folder
from coadapt.stores._names import safe_name
from coadapt.stores.arrays import load_arrays, save_arrays

SNAPSHOT_FORMAT: Final = 2
_SAID: Final = "snapshot.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Hold the state that a run's model had folded up to a log position, as arrays by name.

    `names` holds lists of ids by what they number, such as items and hosts; of the people whose
    state it is there is none. `log` is the log's fingerprint at the position.
    """

    run_id: str
    position: int
    arrays: Mapping[str, npt.NDArray[Any]]
    names: Mapping[str, list[str]] = field(default_factory=dict)
    log: str = ""


class SnapshotFolder:
    """Keep one snapshot a project.

    `snapshot.json` names the file of the arrays and its SHA-256 and is replaced in one step, so
    that after a crash the old or the new one is whole.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, project: str) -> Snapshot | None:
        """Return a project's snapshot, None if there is none or it cannot be used."""
        folder = self._folder(project)
        said = _said_in(folder)
        if said is None:
            return None
        path = folder / said.file
        try:
            is_whole = path.parent == folder and _sha256(path) == said.sha256
            arrays = load_arrays(path, must_be_finite=False) if is_whole else None
        except (OSError, RunError):
            return None
        if arrays is None:
            return None
        return Snapshot(said.run_id, said.position, arrays, said.names, said.log)

    def write(self, project: str, snapshot: Snapshot) -> None:
        """Replace a project's snapshot. Raises StoreError, StoreFullError."""
        folder = self._folder(project)
        content = save_arrays(
            {name: np.asarray(array) for name, array in snapshot.arrays.items()},
            must_be_finite=False,
        )
        digest = hashlib.sha256(content).hexdigest()
        said = _Said(
            snapshot.run_id,
            snapshot.position,
            f"{digest[:16]}.safetensors",
            digest,
            dict(snapshot.names),
            snapshot.log,
        )
        with named_errors("a snapshot"):
            replace_file(folder / said.file, content)
            replace_file(folder / _SAID, msgspec.json.encode(said))
        self._remove(folder, but={said.file, _SAID})

    def drop(self, project: str) -> None:
        """Remove a project's snapshot. Raises StoreError."""
        self._empty(self._folder(project))

    def keep_only(self, is_kept: Callable[[int, str], bool]) -> None:
        """Remove every snapshot but those whose position and log are to be kept.

        One that cannot be read goes too. Raises StoreError.
        """
        for folder in [*self._root.iterdir()] if self._root.is_dir() else ():
            said = _said_in(folder)
            if said is None or not is_kept(said.position, said.log):
                self._empty(folder)

    def _folder(self, project: str) -> Path:
        """Return where a project's snapshot stands."""
        return self._root / safe_name(project)

    def _empty(self, folder: Path) -> None:
        """Remove the files of a folder, if it is one, for good."""
        if folder.is_dir():
            with named_errors("the removal of a snapshot"):
                self._remove(folder, but=set())
                sync_folder(folder)

    def _remove(self, folder: Path, but: set[str]) -> None:
        """Remove the files of a folder, the one that names the others first."""
        for path in sorted(folder.iterdir(), key=lambda path: path.name != _SAID):
            if path.name not in but:
                with suppress(FileNotFoundError):
                    path.unlink()


class _Said(msgspec.Struct, frozen=True):
    """Hold what `snapshot.json` says."""

    run_id: str
    position: int
    file: str
    sha256: str
    names: dict[str, list[str]]
    log: str
    format: int = SNAPSHOT_FORMAT


def _said_in(folder: Path) -> _Said | None:
    """Return what a folder's `snapshot.json` says, None if it cannot be read."""
    try:
        said = msgspec.json.decode((folder / _SAID).read_bytes(), type=_Said)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return said if said.format == SNAPSHOT_FORMAT else None


def _sha256(path: Path) -> str:
    """Return a file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
