"""Find a plug-in by the name of its file: `recommenders/sasrec.py` holds "sasrec"."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from coadapt.domain.errors import MissingExtraError, UnknownPluginError

EXTRAS = {
    "cmaes": "tune",
    "optuna": "tune",
    "psycopg": "postgres",
    "sklearn": "rivals",
    "torch_geometric": "graph",
}
"""Top-level package of an extra → the extra that installs it."""


@cache
def plugin_modules(kind: str) -> Mapping[str, str]:
    """Return the module of each plug-in of a kind, such as "recommenders", by its name.

    A file that names no class in `__all__` holds no plug-in.
    """
    folder = Path(__file__).parent / kind
    return {
        file.stem: ".".join(["coadapt", *kind.split("/"), file.stem])
        for file in sorted(folder.glob("[!_]*.py"))
        if "\n__all__ = " in file.read_text(encoding="utf-8")
    }


def load_plugin(kind: str, name: str) -> Any:
    """Import the file of one plug-in and return its class, the first name in its `__all__`.

    Raises UnknownPluginError with the names there are, MissingExtraError with the extra to install.
    """
    modules = plugin_modules(kind)
    if name not in modules:
        raise UnknownPluginError(f"no {kind} {name!r}; there are: {', '.join(modules)}")
    try:
        module = import_module(modules[name])
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        raise MissingExtraError(f"{name} needs an extra: pip install 'coadapt[{extra}]'") from error
    return getattr(module, module.__all__[0])
