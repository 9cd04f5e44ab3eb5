"""Keep pipelines as small TOML files, one a version."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import tomli_w

from coadapt.domain.errors import InvalidInputError, NotFoundError, RunError
from coadapt.stores._durable import create_file, named_errors
from coadapt.stores._names import safe_name


class PipelineFiles:
    """Add and read `<name>@<version>.toml`; versions count from 1 and are never written again."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "pipelines"

    def add(self, name: str, pipeline: Mapping[str, Any]) -> str:
        """Keep a pipeline as the next version of its name and return `name@version`."""
        if "@" in name or not name or unquote(safe_name(name)) != name:
            raise InvalidInputError("a pipeline's name is short, not empty, has no @", field="name")
        try:
            content = tomli_w.dumps(pipeline).encode()
        except (TypeError, ValueError) as error:
            raise InvalidInputError("a pipeline must be writable as TOML (no null)") from error
        version = max(self._versions(name), default=0) + 1
        with named_errors("the pipeline"):
            while not create_file(self._path(name, version), content):
                version += 1
        return f"{name}@{version}"

    def read(self, reference: str) -> Mapping[str, Any]:
        """Return a pipeline by `name@version`, or the newest of `name`."""
        name, _, text = reference.partition("@")
        versions = self._versions(name)
        version = int(text) if text.isdecimal() and len(text) < 10 else 0
        if not text:
            version = max(versions, default=0)
        if version not in versions:
            raise NotFoundError("no such pipeline; GET /v1/pipelines lists those there are")
        path = self._path(name, version)
        try:
            return tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"pipeline {path.name} is not readable TOML; restore it") from error

    def references(self) -> list[str]:
        """Return every `name@version`, oldest first."""
        files = self._folder.glob("*@*.toml")
        dated = sorted((file.stat().st_mtime_ns, _split(file)) for file in files)
        return [f"{name}@{version}" for _, (name, version) in dated]

    def _versions(self, name: str) -> set[int]:
        """Return the versions of a name."""
        found = (_split(file) for file in self._folder.glob("*@*.toml"))
        return {version for known, version in found if known == name}

    def _path(self, name: str, version: int) -> Path:
        """Return where a version stands."""
        return self._folder / f"{safe_name(name)}@{version}.toml"


def _split(file: Path) -> tuple[str, int]:
    """Return name and version of a pipeline's file, version 0 for a foreign one."""
    name, _, version = file.stem.rpartition("@")
    return unquote(name), int(version) if version.isdecimal() else 0
