"""Keep which pipeline serves, per project, with every change so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import msgspec

from coadapt.domain.errors import RunError
from coadapt.stores._durable import named_errors, replace_file
from coadapt.stores._names import safe_name
from coadapt.stores.base import AliasChange


class _Named(msgspec.Struct):
    """Name the project that an alias file is of."""

    project: str


class AliasFile:
    """Hold one alias: a JSON file replaced atomically, its newest entry last.

    Raises RunError when the file cannot be read or is not what this class wrote.
    """

    def __init__(self, root: Path, project: str, name: str) -> None:
        self._project = project
        self._path = _folder(root) / safe_name(project) / f"{safe_name(name)}.json"

    def history(self) -> list[AliasChange]:
        """Return every change, oldest first."""
        try:
            content = msgspec.json.decode(self._path.read_bytes())
            return [
                AliasChange(entry["time"], entry["pipeline"], entry.get("is_rollback", False))
                for entry in content["history"]
            ]
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise RunError(
                f"alias file {self._path.name} is not readable; point the alias anew after "
                "moving it away"
            ) from error

    def point(self, change: AliasChange) -> None:
        """Add a change; it is durable when this returns."""
        history = [*self.history(), change]
        with named_errors("the alias"):
            content = msgspec.json.encode({"project": self._project, "history": history})
            replace_file(self._path, content)


def projects_with_aliases(root: Path) -> list[str]:
    """Return every project that has an alias, also one whose file is broken.

    Left out are those whose name is too long for a folder and not in a file that can be read.
    """
    folder = _folder(root)
    parts = [part for part in folder.iterdir() if part.is_dir()] if folder.is_dir() else []
    return sorted({name for part in parts for name in _names(part)})


def _folder(root: Path) -> Path:
    """Return where aliases stand."""
    return root / "aliases"


def _names(folder: Path) -> Iterator[str]:
    """Yield the name of a project's folder, else those that its files give."""
    name = unquote(folder.name)
    if safe_name(name) == folder.name:
        yield name
        return
    for file in folder.glob("*.json"):
        with suppress(OSError, msgspec.DecodeError):
            yield msgspec.json.decode(file.read_bytes(), type=_Named).project
