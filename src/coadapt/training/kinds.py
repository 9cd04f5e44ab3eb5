"""Tell by its `kind` what a config is of: the one place that knows every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from coadapt.domain.manifests import Manifest
from coadapt.stores.base import RunStore
from coadapt.training.config import RunConfig, parse_run_config, read_toml
from coadapt.training.policy_config import PolicyRunConfig, parse_policy_config
from coadapt.training.preparing import Surroundings
from coadapt.training.run import train
from coadapt.training.value_config import ValueRunConfig, parse_value_config
from coadapt.training.value_run import train_value

AnyRunConfig: TypeAlias = RunConfig | ValueRunConfig
AnyConfig: TypeAlias = AnyRunConfig | PolicyRunConfig


def read_any_config(path: Path) -> AnyConfig:
    """Read and validate a TOML file whole. Raises ConfigError naming file and key."""
    return parse_any_config(read_toml(path), str(path))


def parse_any_config(document: dict[str, Any], place: str) -> AnyConfig:
    """Validate a config whole as the kind it says it is, a recommender's by default.

    The table `[tuning]` says how to look for better settings, and is none of a training's.
    """
    document = {name: table for name, table in document.items() if name != "tuning"}
    if document.get("kind") == "value":
        return parse_value_config(document, place)
    if document.get("kind") == "policy":
        return parse_policy_config(document, place)
    return parse_run_config(document, place)


def train_any(config: AnyRunConfig, run_store: RunStore, surroundings: Surroundings) -> Manifest:
    """Train what a config asks for and return the manifest of the new run."""
    if isinstance(config, ValueRunConfig):
        return train_value(config, run_store, surroundings)
    return train(config, run_store, surroundings)
