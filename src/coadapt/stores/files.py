"""Keep runs, pipelines and aliases as files in one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from coadapt.domain.manifests import Manifest
from coadapt.stores._aliases import AliasFile, projects_with_aliases
from coadapt.stores._durable import create_file, named_errors
from coadapt.stores._pipelines import PipelineFiles
from coadapt.stores._run_folders import RunFolders
from coadapt.stores.base import AliasChange

__all__ = ["FileRunStore"]


def _utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class FileRunStore:
    """Keep runs under `<root>/runs`, pipelines, aliases and evaluations beside them.

    A folder or file that ends in `.partial` is what a crash left: it is never read. `now` dates
    evaluations and changes of aliases.
    """

    def __init__(self, root: Path, now: Callable[[], datetime] = _utc_now) -> None:
        self._root = root
        self._now = now
        self._runs = RunFolders(root)
        self._pipelines = PipelineFiles(root)

    def add(self, run_id: str, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Manifest:
        """Write a run and return its manifest, with the hashes of its files.

        `manifest` holds the fields of Manifest but for `run_id`, `files` and `format`. Raises
        ConflictError if there is such a run, RunError for a manifest with other fields.
        """
        return self._runs.add(run_id, files, manifest)

    def runs(self) -> list[Manifest]:
        """Return every complete run, newest first.

        One whose manifest cannot be read is left out: `manifest` says what is wrong with it.
        """
        return self._runs.all()

    def manifest(self, run_id: str) -> Manifest:
        """Return one run's manifest. Raises NotFoundError, RunError."""
        return self._runs.manifest(run_id)

    def open(self, run_id: str) -> Mapping[str, Path]:
        """Check format and every hash of a run, then return its files by name.

        Raises NotFoundError, and RunError naming the file and the way out.
        """
        return self._runs.open(run_id)

    def record(self, run_id: str, evaluation: Mapping[str, Any]) -> Path:
        """Keep a later result beside a run, in `<root>/evaluations/<run>/<time>.json`."""
        folder = self._root / "evaluations" / self._runs.existing(run_id).name
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

    def projects(self) -> list[str]:
        """Return every project that has an alias."""
        return projects_with_aliases(self._root)

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
