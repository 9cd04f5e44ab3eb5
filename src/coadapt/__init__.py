"""Learn what a person wants and will be worth, from one stream of events."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Dataset": "coadapt.data.dataset",
    "Event": "coadapt.domain.events",
    "Query": "coadapt.domain.queries",
    "Slate": "coadapt.domain.slates",
    "CoadaptError": "coadapt.domain.errors",
    "RunConfig": "coadapt.training.config",
    "train": "coadapt.training.run",
}

__all__ = [
    "CoadaptError",
    "Dataset",
    "Event",
    "Query",
    "RunConfig",
    "Slate",
    "__version__",
    "train",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that `import coadapt` loads nothing heavy."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
