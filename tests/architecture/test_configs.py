"""Every configuration that the docs point to is valid, and those that need no data train."""

from pathlib import Path

import pytest

from coadapt.stores.files import FileRunStore
from coadapt.training.config import read_run_config
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))
SYNTHETIC = [path for path in CONFIGS if path.stem.startswith("synthetic")]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_is_valid(path: Path) -> None:
    assert read_run_config(path).recommender.name


@pytest.mark.parametrize("path", SYNTHETIC, ids=lambda path: path.stem)
def test_a_config_without_data_trains(path: Path, tmp_path: Path) -> None:
    manifest = train(read_run_config(path), FileRunStore(tmp_path), Surroundings(now_ms=0))
    assert manifest.metrics["ndcg@10"] > 0.05
