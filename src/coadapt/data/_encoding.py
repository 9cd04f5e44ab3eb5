"""Number the words of attribute columns."""

from __future__ import annotations

import polars as pl


def encoded(
    table: pl.DataFrame | None, columns: tuple[str, ...]
) -> tuple[pl.DataFrame | None, dict[str, list[str]]]:
    """Return a table whose named columns hold numbers, and the words by number of each column.

    Words are numbered in alphabetical order; a missing one stays missing.
    """
    present = [column for column in columns if table is not None and column in table.columns]
    if table is None or not present:
        return table, {}
    words = {
        column: table[column].cast(pl.String).drop_nulls().unique().sort().to_list()
        for column in present
    }
    numbers = [
        pl.col(column)
        .cast(pl.String)
        .replace_strict(known, range(len(known)), return_dtype=pl.Int64)
        for column, known in words.items()
    ]
    return table.with_columns(numbers), words
