"""Read a run's manifest and check its files against it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Final

import msgspec

from coadapt.domain.errors import RunError
from coadapt.domain.manifests import RUN_FORMAT, Manifest

MANIFEST: Final = "manifest.json"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CHUNK_BYTES: Final = 1 << 20


def manifest_of(run_id: str, files: Mapping[str, bytes], said: Mapping[str, Any]) -> Manifest:
    """Return the manifest of files that are about to be written.

    Raises RunError for names that cannot be files, and for fields that are unknown or missing.
    """
    for name in files:
        if not _FILE_NAME.fullmatch(name) or name == MANIFEST:
            raise RunError(f"run {run_id}: a file's name must be plain, and not {MANIFEST}")
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    content = {**said, "run_id": run_id, "files": hashes, "format": RUN_FORMAT}
    return _manifest(content, run_id)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in a run's folder. Raises RunError naming the run and what is wrong."""
    path = folder / MANIFEST
    run_id = folder.name
    try:
        content = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunError(f"run {run_id}: {MANIFEST} is missing or not JSON; restore it") from error
    if not isinstance(content, dict) or content.get("format") != RUN_FORMAT:
        raise RunError(
            f"run {run_id}: {MANIFEST} is not of format {RUN_FORMAT}; train again with this version"
        )
    manifest = _manifest(content, run_id)
    if manifest.run_id != run_id:
        raise RunError(f"run {run_id}: {MANIFEST} is another run's; restore the folder")
    return manifest


def checked_files(folder: Path, manifest: Manifest) -> dict[str, Path]:
    """Return a run's files by name once every one has the manifest's hash.

    Raises RunError for a file that is missing, changed, a link, or not in the manifest.
    """
    place = f"run {folder.name}"
    if folder.is_symlink():
        raise RunError(f"{place} is a link; put the folder itself in its place")
    there = {path.name: path for path in folder.iterdir()}
    for name in sorted(set(there) - set(manifest.files) - {MANIFEST}):
        raise RunError(f"{place}: {name} is not in {MANIFEST}; remove it")
    for name, expected in manifest.files.items():
        path = there.get(name)
        if path is None:
            raise RunError(f"{place}: {name} is missing; restore it or train again")
        if path.is_symlink() or not path.is_file():
            raise RunError(f"{place}: {name} is not a plain file; restore it or train again")
        if _sha256(path) != expected:
            raise RunError(f"{place}: {name} has changed; restore it or train again")
    return {name: there[name] for name in manifest.files}


def _manifest(content: Mapping[str, Any], run_id: str) -> Manifest:
    """Return a manifest of exactly its fields, each of its type."""
    known = {field.name for field in fields(Manifest)}
    needed = {field.name for field in fields(Manifest) if _is_needed(field)}
    if odd := sorted((set(content) - known) | (needed - set(content))):
        raise RunError(f"run {run_id}: {MANIFEST} has unknown or missing fields: {', '.join(odd)}")
    try:
        return msgspec.convert(dict(content), Manifest)
    except msgspec.ValidationError as error:
        raise RunError(f"run {run_id}: {MANIFEST} has a field of a wrong type") from error


def _is_needed(field: Any) -> bool:
    """Tell whether a field has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def _sha256(path: Path) -> str:
    """Return a file's SHA-256 in hex, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
