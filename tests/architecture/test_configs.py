"""Every configuration that the docs point to is valid, and those that need no data train."""

from pathlib import Path

import pytest

from coadapt.stores.files import FileRunStore
from coadapt.training.kinds import read_any_config, train_any
from coadapt.training.preparing import Surroundings

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))
SYNTHETIC = [path for path in CONFIGS if path.stem.startswith("synthetic")]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_is_valid(path: Path) -> None:
    assert read_any_config(path).kind in ("recommender", "value", "policy")


@pytest.mark.parametrize("path", SYNTHETIC, ids=lambda path: path.stem)
def test_a_config_without_data_trains(path: Path, tmp_path: Path) -> None:
    manifest = train_any(read_any_config(path), FileRunStore(tmp_path), Surroundings(now_ms=0))
    assert manifest.metrics.get("ndcg@10", manifest.metrics.get("gini", 0)) > 0.05
