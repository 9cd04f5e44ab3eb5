"""Keep which pipeline serves, per project, with every change so far."""

from __future__ import annotations

from pathlib import Path

import msgspec

from coadapt.domain.errors import RunError
from coadapt.stores._durable import named_errors, replace_file
from coadapt.stores._names import safe_name
from coadapt.stores.base import AliasChange


class AliasFile:
    """Hold one alias: a JSON file replaced atomically, its newest entry last.

    Raises RunError when the file cannot be read or is not what this class wrote.
    """

    def __init__(self, root: Path, project: str, name: str) -> None:
        self._path = root / "aliases" / safe_name(project) / f"{safe_name(name)}.json"

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
            replace_file(self._path, msgspec.json.encode({"history": history}))
