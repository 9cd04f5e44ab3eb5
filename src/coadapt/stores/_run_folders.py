"""Keep each run in a folder of its own, written beside and renamed when complete."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import msgspec

from coadapt.domain.errors import ConflictError, NotFoundError, RunError
from coadapt.domain.manifests import Manifest
from coadapt.stores._durable import named_errors, sync_folder, write_synced
from coadapt.stores._manifests import MANIFEST, checked_files, manifest_of, read_manifest
from coadapt.stores._names import check_run_id

PARTIAL: Final = ".partial"


class RunFolders:
    """Add and read `<root>/runs/<id>`; what ends in `.partial` a crash left: it is never read."""

    def __init__(self, root: Path) -> None:
        self._root = root / "runs"

    def add(self, run_id: str, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Manifest:
        """Write a run and return its manifest, with the hashes of its files.

        `manifest` holds the fields of Manifest but for `run_id`, `files` and `format`. Raises
        ConflictError if there is such a run, RunError for a manifest with other fields.
        """
        folder = self._folder(run_id)
        if folder.exists():
            raise ConflictError("there is a run of this id; runs never change")
        described = manifest_of(run_id, files, manifest)
        content = msgspec.json.format(msgspec.json.encode(asdict(described)), indent=2)
        with named_errors(f"run {run_id}"):
            _write_run(folder, {**files, MANIFEST: content})
        return described

    def all(self) -> list[Manifest]:
        """Return every complete run, newest first.

        One whose manifest cannot be read is left out: `manifest` says what is wrong with it.
        """
        folders = (path.parent for path in self._root.glob(f"*/{MANIFEST}"))
        manifests = []
        for folder in folders:
            if folder.suffix != PARTIAL:
                with suppress(RunError):
                    manifests.append(read_manifest(folder))
        return sorted(manifests, key=lambda run: (run.created_at, run.run_id), reverse=True)

    def manifest(self, run_id: str) -> Manifest:
        """Return one run's manifest. Raises NotFoundError, RunError."""
        return read_manifest(self.existing(run_id))

    def open(self, run_id: str) -> Mapping[str, Path]:
        """Check format and every hash of a run, then return its files by name.

        Raises NotFoundError, and RunError naming the file and the way out.
        """
        folder = self.existing(run_id)
        return checked_files(folder, read_manifest(folder))

    def existing(self, run_id: str) -> Path:
        """Return the folder of a run that is there. Raises NotFoundError."""
        folder = self._folder(run_id)
        if not folder.is_dir():
            raise NotFoundError("no such run; `coadapt runs` lists those there are")
        return folder

    def _folder(self, run_id: str) -> Path:
        """Return where a run stands, if its id may be a path."""
        return self._root / check_run_id(run_id)


def _write_run(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder whole: under another name, fsynced, then renamed."""
    partial = folder.with_name(folder.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, content in files.items():
        write_synced(partial / name, content)
    sync_folder(partial)
    partial.rename(folder)
    sync_folder(folder.parent)
