"""Find a plug-in by the name of its file: `recommenders/sasrec.py` holds "sasrec"."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from coadapt.domain.errors import MissingExtraError, UnknownPluginError

EXTRAS = {"psycopg": "postgres"}
"""Top-level package of an extra → the extra that installs it."""

NOT_PLUGINS = {"__init__", "base"}


def plugin_modules(kind: str) -> dict[str, str]:
    """Return the module of each plug-in of a kind, such as "recommenders", by its name."""
    folder = Path(__file__).parent / kind
    return {
        file.stem: ".".join(["coadapt", *kind.split("/"), file.stem])
        for file in sorted(folder.glob("*.py"))
        if file.stem not in NOT_PLUGINS and not file.stem.startswith("_")
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
