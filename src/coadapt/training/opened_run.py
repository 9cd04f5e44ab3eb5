"""Open a run on disk: its manifest, config, weights and other files, each checked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from coadapt.domain.errors import CoadaptError, RunError
from coadapt.domain.manifests import Manifest
from coadapt.stores.arrays import load_arrays
from coadapt.stores.base import RunStore

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """Hold a run's manifest and files, whose format and hashes were checked.

    Everything raises RunError that names the run and the file.
    """

    manifest: Manifest
    files: Mapping[str, Path]

    @classmethod
    def of(cls, run_store: RunStore, run_id: str, kind: str, noun: str) -> OpenedRun:
        """Open a run of one kind, which `noun` names. Raises NotFoundError, RunError."""
        manifest = run_store.manifest(run_id)
        if manifest.kind != kind:
            raise RunError(f"run {run_id} holds a {manifest.kind}, not a {noun}")
        return cls(manifest, run_store.open(run_id))

    def config(self, parse: Callable[[dict[str, Any], str], T]) -> T:
        """Read the resolved config by the parser of its kind."""
        path = self._file("run.toml")
        try:
            return parse(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
        except (CoadaptError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise self.refusal(f"run.toml is not a config of this version: {error}") from error

    def weights(self) -> dict[str, Any]:
        """Read the arrays that were learned."""
        return load_arrays(self._file("weights.safetensors"))

    @contextmanager
    def trying_weights(self) -> Iterator[None]:
        """Refuse weights at which the component stumbles that its config makes."""
        try:
            yield
        except (KeyError, ValueError, IndexError, RuntimeError) as error:
            raise self.refusal("weights.safetensors does not fit its config") from error

    def json(self, name: str, kind: type[T], otherwise: str) -> T:
        """Read a JSON file as a type; `otherwise` says what is wrong with one of another."""
        try:
            return msgspec.json.decode(self._file(name).read_bytes(), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.refusal(otherwise) from error

    def refusal(self, reason: str) -> RunError:
        """Return the error of this run for a reason."""
        return RunError(f"run {self.manifest.run_id}: {reason}")

    def _file(self, name: str) -> Path:
        """Return one file."""
        if name not in self.files:
            run_id = self.manifest.run_id
            raise RunError(f"run {run_id} has no {name}: it is incomplete or of another format")
        return self.files[name]
