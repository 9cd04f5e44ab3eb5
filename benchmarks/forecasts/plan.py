"""Read which data sets, cut-offs and models the contest has."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from coadapt.data.sources.base import make_source
from coadapt.data.stream import Stream


@dataclass(frozen=True)
class Field:
    """Hold where a data set lies and at which days it is forecast."""

    name: str
    source: str
    path: str
    cutoffs: list[date]

    def read(self, data: Path) -> Stream:
        """Read the events from the data folder."""
        return Stream.from_frame(make_source(self.source).read(data / self.path).events)


@dataclass(frozen=True)
class Contender:
    """Hold a model's name and the settings among which it chooses."""

    name: str
    settings: list[dict[str, Any]]
    is_seeded: bool = False


@dataclass(frozen=True)
class Anchor:
    """Hold a published fit: the data, the last day known, and the parameters."""

    path: str
    end: date
    source: str
    values: dict[str, float]


@dataclass(frozen=True)
class Plan:
    """Hold everything that `forecasts.toml` says."""

    fields: dict[str, Field]
    contenders: dict[str, Contender]
    anchor: Anchor

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read the file."""
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(
            {name: Field(name, **facts) for name, facts in content["datasets"].items()},
            {name: Contender(name, **facts) for name, facts in content["models"].items()},
            Anchor(**content["anchor"]),
        )


def instant_of(day: date) -> int:
    """Return the midnight (UTC) at which a day begins, epoch ms."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
