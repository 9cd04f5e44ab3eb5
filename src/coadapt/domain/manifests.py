"""Say what a run is: what made it, from what, and the hash of every file in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

RUN_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """Describe one immutable run; `files` maps each file's name to its SHA-256 in hex.

    `project` is whose events in the log it was trained on, None if it was trained on other data.
    """

    run_id: str
    kind: str
    name: str
    package_version: str
    created_at: str
    seed: int
    dataset_fingerprint: str
    n_items: int
    files: Mapping[str, str]
    commit: str | None = None
    parent: str | None = None
    seconds: float = 0.0
    metrics: Mapping[str, float] = field(default_factory=dict)
    first_position: int | None = None
    last_position: int | None = None
    project: str | None = None
    format: int = RUN_FORMAT
