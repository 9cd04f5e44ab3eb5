"""Take fields out of lines of JSON and say which lines hold none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from coadapt.data.sources._files import LINE, REASON, first_lines, lines
from coadapt.domain.progress import Progress, no_progress

TEXT = "#text"


def first_objects(path: Path, n_lines: int = 20) -> list[dict[str, Any]]:
    """Return the JSON objects among the first lines of a file."""
    return [found for text in first_lines(path, n_lines) if (found := _object(text)) is not None]


def fields_in(path: Path, names: Sequence[str]) -> list[str]:
    """Return which of these top-level fields any line of a file holds; all lines are looked at."""
    left = list(names)
    for _, text in lines(path) if left else ():
        found = [name for name in left if text.str.json_path_match(field_path(name)).count()]
        left = [name for name in left if name not in found]
        if not left:
            break
    return [name for name in names if name not in left]


def field_path(name: str) -> str:
    """Return the JSON path of a top-level field."""
    return f"$[{json.dumps(name, ensure_ascii=False)}]"


def read_json_lines(
    path: Path, fields: Mapping[str, str], progress: Progress = no_progress
) -> Iterator[pl.DataFrame]:
    """Yield blocks of text columns, one a JSON path, with LINE and REASON."""
    found = [pl.col(TEXT).str.json_path_match(where).alias(name) for name, where in fields.items()]
    nothing = pl.lit("no JSON object with the expected fields")
    for first_line, text in lines(path, progress=progress):
        numbers = pl.int_range(first_line, first_line + len(text), dtype=pl.Int64, eager=True)
        frame = pl.DataFrame({LINE: numbers, TEXT: text}).select(LINE, *found)
        is_empty = pl.all_horizontal(pl.exclude(LINE).is_null())
        yield frame.with_columns(pl.when(is_empty).then(nothing).alias(REASON))


def _object(text: str) -> dict[str, Any] | None:
    """Return a line as a JSON object, None where it is not one."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
