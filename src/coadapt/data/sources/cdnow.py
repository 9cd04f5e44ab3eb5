"""Read CDNOW's purchases: `CDNOW_master.txt`, or the tenth of it, `CDNOW_sample.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._files import LINE, REASON, data_file, find_file, first_lines, lines
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, collect_events
from coadapt.domain.progress import Progress, no_progress

__all__ = ["CDNOW"]

NAMES: Final = ("CDNOW_master.txt", "CDNOW_sample.txt")
HEADER: Final = r"^\s*customer_id\s+date\s+number_of_cds\s+dollar_value\s*$"
ROW: Final = (
    r"^\s*(?P<customer>\d{5})(?:\s+\d{4})?\s+(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"\s+(?P<quantity>\d+)\s+(?P<dollars>\d+\.\d\d)\s*$"
)
EVENTS = EventColumns(
    "customer",
    None,
    "date",
    "iso",
    constant_type="purchase",
    value="dollars",
    is_item_required=False,
    extra=("quantity",),
)


class CDNOW(Source[SourceConfig]):
    """Read purchases in US dollars, `quantity` being the number of CDs; there are no items.

    In both files a customer has the number that the larger one gives.
    """

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        file = path if path.is_file() else find_file(path, *NAMES)
        start = first_lines(file, 1) if file else []
        return bool(start) and any(re.match(form, start[0]) for form in (HEADER, ROW))

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        file = data_file(path, *NAMES)
        rows = collect_events(file, _blocks(file, progress), EVENTS)
        return SourceTable(
            name="cdnow",
            events=rows.events.with_columns(
                pl.col("quantity").cast(pl.Float64), currency=pl.lit("USD")
            ),
            bad_rows=rows.bad_rows,
            n_rows_read=rows.n_rows_read,
            files=(file,),
        )


def _blocks(path: Path, progress: Progress) -> Iterator[pl.DataFrame]:
    """Yield blocks of columns; a header is left out."""
    for first_line, text in lines(path, progress=progress):
        frame = pl.DataFrame({"text": text}).with_row_index(LINE, first_line)
        if first_line == 1 and re.match(HEADER, text[0]):
            frame = frame[1:]
        fields = pl.col("text").str.extract_groups(ROW)
        frame = frame.select(pl.col(LINE).cast(pl.Int64), fields.alias("fields"))
        frame = frame.unnest("fields")
        bad = pl.when(pl.col("customer").is_null()).then(
            pl.lit("expected a customer, a date YYYYMMDD, a number of CDs and dollars")
        )
        yield frame.with_columns(bad.alias(REASON), date=_date())


def _date() -> pl.Expr:
    """Join the parts of a date to ISO 8601."""
    return pl.format("{}-{}-{}", "year", "month", "day")
