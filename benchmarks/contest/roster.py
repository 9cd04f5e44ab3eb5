"""Read who takes part in a contest and which settings each may choose from."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OURS = "coadapt"


@dataclass(frozen=True)
class Player:
    """Name a contender: the environment and adapter that play it, and its settings."""

    name: str
    method: str
    environment: str
    adapter: str
    settings: tuple[dict[str, Any], ...]
    config: str = ""
    has_epochs: bool = False

    @property
    def is_peer(self) -> bool:
        """Tell whether this is somebody else's method."""
        return self.environment != OURS


@dataclass(frozen=True)
class Contest:
    """Hold one data set's protocol and who plays, our methods each before its peers."""

    dataset: str
    protocol: str
    part: str
    any_config: str
    players: tuple[Player, ...]


@dataclass(frozen=True)
class Roster:
    """Hold every contest and how each environment is made."""

    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Roster:
        """Read the settings file."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    @property
    def datasets(self) -> list[str]:
        """Return the data sets there are."""
        return [name for name, table in self.document.items() if "protocol" in table]

    @property
    def methods(self) -> list[str]:
        """Return our methods that some contest has."""
        return sorted(
            {name for dataset in self.datasets for name in self.document[dataset]["methods"]}
        )

    def install_steps(self, environment: str) -> list[list[str]]:
        """Return what to install, one list of requirements a step."""
        steps: list[list[str]] = self.document["environments"][environment]["steps"]
        return steps

    def contest(self, dataset: str, methods: list[str], *, with_peers: bool) -> Contest:
        """Return a contest of those of our methods that it has, by default of all."""
        table = self.document[dataset]
        players: list[Player] = []
        for method in [name for name in table["methods"] if name in (methods or table["methods"])]:
            ours = table["ours"][method]
            players.append(_our_player(method, ours))
            peers = ours["peers"] if with_peers else []
            players.extend(_peer(name, self.document["peers"][name], dataset) for name in peers)
        config = next(iter(table["ours"].values()))["config"]
        return Contest(dataset, table["protocol"], table["part"], config, tuple(players))


def _our_player(method: str, table: dict[str, Any]) -> Player:
    """Return one of our methods."""
    return Player(
        name=method,
        method=method,
        environment=OURS,
        adapter="with_coadapt",
        settings=_settings(table),
        config=table["config"],
        has_epochs=table.get("has_epochs", False),
    )


def _peer(name: str, table: dict[str, Any], dataset: str) -> Player:
    """Return a peer, called "library method"."""
    return Player(
        name=name,
        method=name.split(maxsplit=1)[1],
        environment=table["environment"],
        adapter=table["adapter"],
        settings=tuple(table.get("settings", {}).get(dataset, ())) or _settings(table),
        has_epochs=table.get("has_epochs", False),
    )


def _settings(table: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return every combination of every grid; without a grid the defaults alone."""
    combinations = [
        dict(zip(grid, values, strict=True))
        for grid in table.get("grids", ())
        for values in itertools.product(*grid.values())
    ]
    return tuple(combinations) or ({},)
