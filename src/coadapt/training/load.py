"""Turn a run on disk back into a component that can answer."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from coadapt.data.batches import Histories
from coadapt.data.dataset import Vocabulary
from coadapt.domain.errors import CoadaptError, DataError, RunError
from coadapt.domain.manifests import Manifest
from coadapt.recommenders.base import Recommender
from coadapt.stores.arrays import load_arrays
from coadapt.stores.base import RunStore
from coadapt.training.config import RunConfig, parse_run_config

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True, slots=True)
class LoadedRecommender:
    """Hold a recommender that is ready to score, with the item ids of its rows."""

    recommender: Recommender[Any]
    vocabulary: Vocabulary
    manifest: Manifest
    config: RunConfig


def load_recommender(run_store: RunStore, run_id: str) -> LoadedRecommender:
    """Check a run's format and hashes, validate its config and load its weights.

    Raises RunError.
    """
    manifest = run_store.manifest(run_id)
    if manifest.kind != "recommender":
        raise RunError(f"run {run_id} holds a {manifest.kind}, not a recommender")
    files = run_store.open(run_id)
    config = read_config_of(files, run_id, parse_run_config)
    recommender = config.make_recommender()
    try:
        recommender.load_weights(load_arrays(file_of(files, "weights.safetensors", run_id)))
        _try_out(recommender, manifest)
    except (KeyError, ValueError, IndexError, RuntimeError) as error:
        raise RunError(f"run {run_id}: weights.safetensors does not fit its config") from error
    vocabulary = _vocabulary(files, run_id)
    if len(vocabulary) != manifest.n_items:
        raise RunError(f"run {run_id}: vocabulary.json has not one id for each of its items")
    return LoadedRecommender(recommender, vocabulary, manifest, config)


def _try_out(recommender: Recommender[Any], manifest: Manifest) -> None:
    """Score one history. Raises ValueError unless there is a score for every item."""
    scores = recommender.score(Histories.from_rows([np.zeros(1, np.int64)])).values
    if scores.shape != (1, manifest.n_items):
        raise ValueError(f"{scores.shape[1]} scores for {manifest.n_items} items")


def read_config_of(
    files: Mapping[str, Path], run_id: str, parse: Callable[[dict[str, Any], str], ConfigT]
) -> ConfigT:
    """Read the resolved config of a run by the parser of its kind. Raises RunError."""
    path = file_of(files, "run.toml", run_id)
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except (CoadaptError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RunError(
            f"run {run_id}: run.toml is not a config of this version: {error}"
        ) from error


def _vocabulary(files: Mapping[str, Path], run_id: str) -> Vocabulary:
    """Read the item ids of a run in row order. Raises RunError."""
    content = file_of(files, "vocabulary.json", run_id).read_bytes()
    try:
        return Vocabulary(msgspec.json.decode(content, type=list[str]))
    except (msgspec.DecodeError, UnicodeDecodeError, DataError) as error:
        raise RunError(
            f"run {run_id}: vocabulary.json is not a list of different ids; train again"
        ) from error


def file_of(files: Mapping[str, Path], name: str, run_id: str) -> Path:
    """Return one file of a run. Raises RunError when it is not there."""
    if name not in files:
        raise RunError(f"run {run_id} has no {name}: it is incomplete or of another format")
    return files[name]
