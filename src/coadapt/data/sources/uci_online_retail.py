"""Read UCI's Online Retail: the line items of a British shop's invoices and cancellations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout, has_header, read_delimited
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, collect_events
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress, no_progress

__all__ = ["UCIOnlineRetail"]

LAYOUT = Layout(
    (
        "InvoiceNo",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "UnitPrice",
        "CustomerID",
        "Country",
    ),
    is_quoted=True,
)
EXTRA: Final = ("InvoiceNo", "quantity", "Description")
EVENTS = EventColumns(
    "customer",
    "StockCode",
    "InvoiceDate",
    "iso",
    type="kind",
    value="amount",
    extra=EXTRA,
)


class UCIOnlineRetail(Source[SourceConfig]):
    """Read each line item as a `purchase` or, cancelled or of a negative quantity, a `refund`.

    `value` is quantity times unit price in pounds, also positive for a refund; `transaction_id` is
    the invoice. Rows without a customer, a fourth of them all, are bad rows.
    """

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        return _file(path) is not None

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        file = path if path.is_file() else _file(path)
        if file is None:
            raise DataError(f"{path} holds no single file of Online Retail; name the file")
        blocks = _with_amounts(read_delimited(file, LAYOUT, progress))
        rows = collect_events(file, blocks, EVENTS)
        return SourceTable(
            name="uci_online_retail",
            events=rows.events.drop("Description")
            .rename({"InvoiceNo": "transaction_id"})
            .with_columns(currency=pl.lit("GBP")),
            bad_rows=rows.bad_rows,
            n_rows_read=rows.n_rows_read,
            files=(file,),
            item_table=_item_table(rows.events),
        )


def _file(path: Path) -> Path | None:
    """Return the one file of this form that a path is or holds."""
    files = [path] if path.is_file() else [*path.glob("*.csv"), *path.glob("*.csv.gz")]
    found = [file for file in files if has_header(file, LAYOUT)]
    return found[0] if len(found) == 1 else None


def _with_amounts(blocks: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield blocks with customer, kind, quantity and amount; an amount that is none is "?".

    Times as spreadsheets export them in the United States, month first, become ISO 8601.
    """
    quantity = pl.col("Quantity").cast(pl.Float64, strict=False)
    amount = quantity * pl.col("UnitPrice").cast(pl.Float64, strict=False)
    is_refund = pl.col("InvoiceNo").str.starts_with("C") | (quantity < 0)
    for block in blocks:
        yield block.with_columns(
            InvoiceDate=pl.coalesce(_american_time("InvoiceDate"), "InvoiceDate"),
            customer=pl.col("CustomerID").str.strip_suffix(".0"),
            kind=pl.when(is_refund).then(pl.lit("refund")).otherwise(pl.lit("purchase")),
            quantity=quantity.abs(),
            amount=pl.coalesce(
                pl.when(is_refund).then(amount.abs()).otherwise(amount).cast(pl.String),
                pl.lit("?"),
            ),
        )


def _american_time(column: str) -> pl.Expr:
    """Return `12/1/2010 8:26` as `2010-12-01T08:26:00`, null where it is written otherwise."""
    time = pl.col(column).str.to_datetime("%m/%d/%Y %H:%M", strict=False)
    return time.dt.strftime("%Y-%m-%dT%H:%M:%S")


def _item_table(events: pl.DataFrame) -> pl.DataFrame:
    """Return each item as its last event describes it."""
    last = events.select("item_id", title="Description")
    return last.unique("item_id", keep="last", maintain_order=True)
