"""Read RetailRocket's `events.csv`."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout, has_header
from coadapt.data.sources._files import data_file, find_file
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, read_events
from coadapt.domain.progress import Progress, no_progress

__all__ = ["RetailRocket"]

LAYOUT = Layout(("timestamp", "visitorid", "event", "itemid", "transactionid"))
EVENTS = EventColumns(
    "visitorid",
    "itemid",
    "timestamp",
    "ms",
    type="event",
    type_names={"view": "page_view", "addtocart": "add_to_cart", "transaction": "purchase"},
    is_closed=True,
)


class RetailRocket(Source[SourceConfig]):
    """Read views, carts and transactions; the data has no prices, so no event has a value."""

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        file = path if path.is_file() else find_file(path, "events.csv")
        return file is not None and has_header(file, LAYOUT)

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        file = data_file(path, "events.csv")
        rows = read_events(file, LAYOUT, EVENTS, progress)
        return SourceTable(
            name="retailrocket",
            events=rows.events,
            bad_rows=rows.bad_rows,
            n_rows_read=rows.n_rows_read,
            files=(file,),
        )
