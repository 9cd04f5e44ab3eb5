"""Tiny data that the tests of this folder build on."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from coadapt.data.dataset import Dataset
from coadapt.data.sources.base import SourceTable, make_source, no_bad_rows

Row = tuple[Any, ...]
COLUMNS = ("user_id", "item_id", "type", "timestamp", "value")
SCHEMA = {
    "user_id": pl.String,
    "item_id": pl.String,
    "type": pl.String,
    "timestamp": pl.Int64,
    "value": pl.Float64,
}


def _events(rows: list[Row]) -> pl.DataFrame:
    full = [row + (None, None, "page_view", 0, None)[len(row) :] for row in rows]
    return pl.DataFrame(full, SCHEMA, orient="row")


@pytest.fixture
def events() -> Callable[[list[Row]], pl.DataFrame]:
    """Build events from (user, item, type, time, value); what is left out is plain."""
    return _events


@pytest.fixture
def dataset() -> Callable[[list[Row]], Dataset]:
    """Build a dataset from (user, item, type, time, value)."""
    return lambda rows: Dataset.from_frame(_events(rows))


@pytest.fixture
def table() -> Callable[..., SourceTable]:
    """Build what a source would have read from (user, item, type, time, value)."""

    def build(rows: list[Row], **parts: Any) -> SourceTable:
        frame = _events(rows).with_columns(line=pl.int_range(1, len(rows) + 1, dtype=pl.Int64))
        defaults: dict[str, Any] = {"bad_rows": no_bad_rows(), "n_rows_read": len(rows)}
        return SourceTable(name="made_up", events=frame, files=(), **(defaults | parts))

    return build


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file, gzipped if its name says so."""

    def build(name: str, content: str | bytes) -> Path:
        raw = content if isinstance(content, bytes) else content.encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return build


@pytest.fixture
def read(write: Callable[[str, str], Path]) -> Callable[..., SourceTable]:
    """Write one file and read it with a source."""
    return lambda source, name, content, **options: make_source(source, options).read(
        write(name, content)
    )
