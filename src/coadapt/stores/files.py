"""Keep runs, pipelines and aliases as files in one folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from coadapt.domain.errors import ConflictError, NotFoundError, RunError
from coadapt.domain.manifests import Manifest
from coadapt.stores._aliases import AliasFile
from coadapt.stores._durable import create_file, named_errors, sync_folder, write_synced
from coadapt.stores._manifests import MANIFEST, checked_files, manifest_of, read_manifest
from coadapt.stores._names import check_run_id
from coadapt.stores._pipelines import PipelineFiles
from coadapt.stores.base import AliasChange

__all__ = ["FileRunStore"]

PARTIAL: Final = ".partial"


def _utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class FileRunStore:
    """Keep runs under `<root>/runs/<id>`, written beside and renamed when complete.

    A folder or file that ends in `.partial` is what a crash left: it is never read. `now` dates
    evaluations and changes of aliases.
    """

    def __init__(self, root: Path, now: Callable[[], datetime] = _utc_now) -> None:
        self._root = root
        self._now = now
        self._pipelines = PipelineFiles(root)

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

    def runs(self) -> list[Manifest]:
        """Return every complete run, newest first.

        One whose manifest cannot be read is left out: `manifest` says what is wrong with it.
        """
        folders = (path.parent for path in (self._root / "runs").glob(f"*/{MANIFEST}"))
        manifests = []
        for folder in folders:
            if folder.suffix != PARTIAL:
                with suppress(RunError):
                    manifests.append(read_manifest(folder))
        return sorted(manifests, key=lambda run: (run.created_at, run.run_id), reverse=True)

    def manifest(self, run_id: str) -> Manifest:
        """Return one run's manifest. Raises NotFoundError, RunError."""
        return read_manifest(self._existing(run_id))

    def open(self, run_id: str) -> Mapping[str, Path]:
        """Check format and every hash of a run, then return its files by name.

        Raises NotFoundError, and RunError naming the file and the way out.
        """
        folder = self._existing(run_id)
        return checked_files(folder, read_manifest(folder))

    def record(self, run_id: str, evaluation: Mapping[str, Any]) -> Path:
        """Keep a later result beside a run, in `<root>/evaluations/<run>/<time>.json`."""
        folder = self._root / "evaluations" / self._existing(run_id).name
        content = msgspec.json.format(msgspec.json.encode(dict(evaluation)), indent=2)
        stamp = f"{self._now():%Y-%m-%dT%H-%M-%S-%f}Z"
        path, number = folder / f"{stamp}.json", 1
        with named_errors("the evaluation"):
            while not create_file(path, content):
                number += 1
                path = folder / f"{stamp}-{number}.json"
        return path

    def add_pipeline(self, name: str, pipeline: Mapping[str, Any]) -> str:
        """Keep a pipeline as the next version of its name and return `name@version`."""
        return self._pipelines.add(name, pipeline)

    def pipeline(self, reference: str) -> Mapping[str, Any]:
        """Return a pipeline by `name@version`, or the newest of `name`.

        Raises NotFoundError, RunError.
        """
        return self._pipelines.read(reference)

    def pipelines(self) -> list[str]:
        """Return every `name@version`, oldest first."""
        return self._pipelines.references()

    def alias(self, project: str, name: str = "champion") -> str | None:
        """Return what an alias points at."""
        history = self.alias_history(project, name)
        return history[-1].pipeline if history else None

    def set_alias(
        self, project: str, reference: str, name: str = "champion", *, is_rollback: bool = False
    ) -> None:
        """Point an alias at a pipeline that exists. Raises NotFoundError, RunError."""
        self._pipelines.read(reference)
        time = self._now().isoformat(timespec="milliseconds")
        change = AliasChange(time, reference, is_rollback)
        AliasFile(self._root, project, name).point(change)

    def alias_history(self, project: str, name: str = "champion") -> list[AliasChange]:
        """Return every change, oldest first."""
        return AliasFile(self._root, project, name).history()

    def _folder(self, run_id: str) -> Path:
        """Return where a run stands, if its id may be a path."""
        return self._root / "runs" / check_run_id(run_id)

    def _existing(self, run_id: str) -> Path:
        """Return the folder of a run that is there."""
        folder = self._folder(run_id)
        if not folder.is_dir():
            raise NotFoundError("no such run; `coadapt runs` lists those there are")
        return folder


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
