"""Keep results as flat rows, one a measured figure; newer ones take the place of older ones."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]
PLACES = ("--data", "--results", "--runs")
KEY = ("benchmark", "dataset", "method", "metric", "seed", "peer", "ablation")


@dataclass(frozen=True)
class Occasion:
    """Hold what all rows of one run share: benchmark, command, date and commit."""

    benchmark: str
    command: str
    date: str
    commit: str

    @classmethod
    def now(cls, benchmark: str, target: str, arguments: list[str]) -> Occasion:
        """Note this run of a make target; where this machine keeps its data is left out."""
        told = _without_places(arguments)
        command = f'make {target} ARGS="{shlex.join(told)}"' if told else f"make {target}"
        date = datetime.now(UTC).strftime("%Y-%m-%d")
        return cls(benchmark, command, date, _commit())

    def row(self, metric: str, value: float, **facts: Any) -> Row:
        """Return one row; absent facts are null."""
        known: Row = dict.fromkeys(
            ("dataset", "protocol", "method", "low", "high", "seed", "budget", "seconds")
        )
        known.update(peer=False, source="measured", load=round(os.getloadavg()[0], 2))
        known.update(facts)
        return {
            "benchmark": self.benchmark,
            "dataset": known.pop("dataset"),
            "protocol": known.pop("protocol"),
            "method": known.pop("method"),
            "metric": metric,
            "value": float(f"{value:.6g}"),
            **known,
            "command": self.command,
            "date": self.date,
            "commit": self.commit,
        }


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a results file, none where it is missing."""
    rows: list[Row] = json.loads(path.read_text()) if path.exists() else []
    return rows


def merge_rows(old: list[Row], new: Iterable[Row]) -> list[Row]:
    """Return old and new rows, sorted; all old rows with the key of a new one are left out."""
    new = list(new)
    replaced = {_key(row) for row in new}
    kept = [row for row in old if _key(row) not in replaced]
    return sorted([*kept, *new], key=lambda row: (str(_key(row)), row["seconds"] or 0.0))


def keep_rows(rows: Iterable[Row], path: Path) -> None:
    """Merge rows into a results file."""
    write_rows(path, merge_rows(read_rows(path), rows))


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write a results file, one row a line; whoever is interrupted leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    written = path.with_suffix(".partial")
    written.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    written.replace(path)


def _key(row: Row) -> tuple[Any, ...]:
    """Return what makes two rows the same figure."""
    return tuple(row.get(name) for name in KEY)


def _without_places(arguments: list[str]) -> list[str]:
    """Return the arguments without options that name a file or folder, and their values."""
    told: list[str] = []
    is_place = False
    for argument in arguments:
        if not is_place and argument.split("=")[0] not in PLACES:
            told.append(argument)
        is_place = argument in PLACES
    return told


def _commit() -> str:
    """Return the short commit, with a plus sign when files differ from it; empty outside git."""
    shown = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip()
