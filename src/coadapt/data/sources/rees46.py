"""Read REES46's months of a multi-category store, such as `2019-Oct.csv`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout, has_header
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, read_events
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress, no_progress

__all__ = ["Rees46"]

LAYOUT = Layout(
    (
        "event_time",
        "event_type",
        "product_id",
        "category_id",
        "category_code",
        "brand",
        "price",
        "user_id",
        "user_session",
    )
)
ATTRIBUTES = ("category_code", "brand", "price")
EVENTS = EventColumns(
    "user_id",
    "product_id",
    "event_time",
    "iso",
    type="event_type",
    type_names={
        "view": "page_view",
        "cart": "add_to_cart",
        "remove_from_cart": "remove_from_cart",
        "purchase": "purchase",
    },
    is_closed=True,
    value="price",
    value_types=("add_to_cart", "remove_from_cart", "purchase"),
    extra=(*ATTRIBUTES, "user_session"),
)


class Rees46(Source[SourceConfig]):
    """Read views, carts and purchases of one month; carts and purchases are worth the price."""

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        return _month_file(path) is not None

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        file = path if path.is_file() else _month_file(path)
        if file is None:
            raise DataError(f"{path} holds no single month such as 2019-Oct.csv; name the file")
        rows = read_events(file, LAYOUT, EVENTS, progress)
        return SourceTable(
            name="rees46",
            events=rows.events.drop(ATTRIBUTES).rename({"user_session": "session_id"}),
            bad_rows=rows.bad_rows,
            n_rows_read=rows.n_rows_read,
            files=(file,),
            item_table=_item_table(rows.events),
        )


def _month_file(path: Path) -> Path | None:
    """Return the one month that a path is or holds."""
    files = [path] if path.is_file() else [*path.glob("*.csv"), *path.glob("*.csv.gz")]
    months = [file for file in files if has_header(file, LAYOUT)]
    return months[0] if len(months) == 1 else None


def _item_table(events: pl.DataFrame) -> pl.DataFrame:
    """Return each product as its last event describes it."""
    last = events.select("item_id", *ATTRIBUTES).unique("item_id", keep="last", maintain_order=True)
    words = pl.col("category_code", "brand")
    return last.select(
        "item_id",
        pl.when(words != "").then(words),
        pl.col("price").cast(pl.Float64, strict=False),
    ).rename({"category_code": "category"})
