"""A shop so small that a training takes no time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coadapt.stores.files import FileRunStore
from coadapt.training.config import RunConfig, parse_run_config
from coadapt.training.preparing import Surroundings

SHOP = {"n_users": 60, "n_items": 40, "n_events": 1500}
NOW = Surroundings(now_ms=1_795_300_000_000, commit="abc123")

MakeConfig = Callable[..., RunConfig]


@pytest.fixture(scope="session")
def surroundings() -> Surroundings:
    """Return a fixed time and commit."""
    return NOW


@pytest.fixture(scope="session")
def make_config() -> MakeConfig:
    """Return a function that makes a config of a method on the tiny shop."""

    def make(name: str = "popularity", **sections: Any) -> RunConfig:
        document = {
            "data": {"source": "synthetic", "options": SHOP},
            "recommender": {"name": name},
            "evaluation": {"ks": [10], "n_bootstrap": 20},
        }
        return parse_run_config(document | sections, "test")

    return make


@pytest.fixture
def runs(tmp_path: Path) -> FileRunStore:
    """Return an empty folder of runs."""
    return FileRunStore(tmp_path / "runs")
