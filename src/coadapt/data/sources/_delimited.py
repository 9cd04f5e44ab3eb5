"""Split lines of delimited text into columns and say which lines do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from coadapt.data.sources._files import LINE, REASON, first_lines, lines
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress, no_progress

UNIT, RECORD = "\x1f", "\x1e"
QUOTED_RECORD_MAX_LINES = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """Say how a delimited file is written; `columns` are its fields in order."""

    columns: tuple[str, ...]
    separator: str = ","
    has_header: bool = True
    is_quoted: bool = False
    encoding: str = "utf-8"


def has_header(path: Path, layout: Layout) -> bool:
    """Tell whether the first line of a file names these columns."""
    start = first_lines(path, 1, layout.encoding)
    return bool(start) and _names(start[0], layout.separator) == list(layout.columns)


def header_of(path: Path, separator: str, encoding: str = "utf-8") -> tuple[str, ...]:
    """Return the column names in the first line of a file."""
    start = first_lines(path, 1, encoding)
    return tuple(_names(start[0], separator)) if start else ()


def read_delimited(
    path: Path, layout: Layout, progress: Progress = no_progress
) -> Iterator[pl.DataFrame]:
    """Yield blocks of text columns, with LINE and REASON.

    Raises DataError for another header.
    """
    blocks = lines(path, layout.encoding, is_quoted=layout.is_quoted, progress=progress)
    for first_line, text in blocks:
        frame = pl.DataFrame({"text": text}).with_row_index(LINE, first_line)
        if first_line == 1 and layout.has_header:
            _check_header(path, text[0], layout)
            frame = frame[1:]
        yield _split(frame.with_columns(pl.col(LINE).cast(pl.Int64)), layout)


def _names(header: str, separator: str) -> list[str]:
    """Return the names in a header line."""
    return [name.strip().strip('"') for name in header.split(separator)]


def _check_header(path: Path, header: str, layout: Layout) -> None:
    """Refuse a file whose first line does not name the columns."""
    found = _names(header, layout.separator)
    if found == list(layout.columns):
        return
    expected = layout.separator.replace("\t", "TAB").join(layout.columns)
    raise DataError(
        f"{path}, line 1: expected the header {expected}; found {len(found)} columns with "
        f"{len(set(found) & set(layout.columns))} of these names; name another source or a mapping"
    )


def _split(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Split the column `text` into the layout's columns."""
    separator = layout.separator
    reason = pl.lit(None, pl.String)
    if layout.is_quoted and frame["text"].str.contains('"', literal=True).any():
        frame, separator = _unquote(_join_records(frame), separator), UNIT
        reason = _quote_reason(len(layout.columns))
    n_columns = len(layout.columns)
    n_found = pl.col("text").str.count_matches(separator, literal=True) + 1
    wrong_width = pl.format(f"{n_columns} columns expected, {{}} found", n_found)
    fields = pl.col("text").str.split_exact(separator, n_columns - 1)
    return frame.select(
        LINE,
        pl.coalesce(
            pl.when(pl.col("text") == "").then(pl.lit("empty line")),
            reason,
            pl.when(n_found != n_columns).then(wrong_width),
        ).alias(REASON),
        fields.struct.rename_fields(list(layout.columns)).struct.unnest(),
    )


def _join_records(frame: pl.DataFrame) -> pl.DataFrame:
    """Join the lines of a quoted field that spans several; a stray quote joins nothing."""
    n_quotes = pl.col("text").str.count_matches('"', literal=True).cast(pl.Int64)
    is_inside = (n_quotes.cum_sum() - n_quotes) % 2 == 1
    frame = frame.with_columns(record=(~is_inside).cum_sum())
    n_lines = pl.len().over("record")
    n_quotes_in_record = n_quotes.sum().over("record")
    is_record = (n_lines <= QUOTED_RECORD_MAX_LINES) & (n_quotes_in_record % 2 == 0)
    frame = frame.with_columns(
        record=pl.when(is_record).then(pl.col("record")).otherwise(-pl.col(LINE))
    )
    joined = frame.group_by("record", maintain_order=True).agg(
        pl.col(LINE).first(), pl.col("text").str.join("\n"), n_lines=pl.len()
    )
    return joined.drop("record")


def _quote_reason(n_columns: int) -> pl.Expr:
    """Return what can be wrong with quotes, before columns are counted."""
    is_wrong_width = pl.col("text").str.count_matches(UNIT, literal=True) + 1 != n_columns
    swallowed = pl.format("a quote opens a record of {} lines that does not fit", "n_lines")
    return pl.coalesce(
        pl.when("is_torn").then(pl.lit("a quote stands inside a field")),
        pl.when((pl.col("n_lines") > 1) & is_wrong_width).then(swallowed),
    )


def _unquote(frame: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Rewrite quoted lines with another separator and without quotes; `is_torn`: impossible."""
    # A class of characters holds no separator of several: one stands for it meanwhile.
    single = separator if len(separator) == 1 else RECORD
    mark = re.escape(single)
    padded = single + pl.col("text").str.replace_all(separator, single, literal=True)
    fields = padded.str.extract_all(f'{mark}(?:"(?:[^"]|"")*"|[^{mark}]*)')
    bare = pl.element().str.strip_prefix(single).str.replace(r'(?s)^"(.*)"$', "$1")
    bare = bare.str.replace_all('""', '"', literal=True)
    bare = bare.str.replace_all(single, separator, literal=True)
    return frame.with_columns(
        text=fields.list.eval(bare).list.join(UNIT),
        is_torn=fields.list.join("").str.len_bytes() != padded.str.len_bytes(),
    )
