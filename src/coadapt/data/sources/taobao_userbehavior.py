"""Read Taobao's `UserBehavior.csv`."""

from __future__ import annotations

import re
from pathlib import Path

from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout
from coadapt.data.sources._files import data_file, find_file, first_lines
from coadapt.data.sources.base import Source, SourceConfig, SourceTable, read_events
from coadapt.domain.progress import Progress, no_progress

__all__ = ["TaobaoUserBehavior"]

LAYOUT = Layout(("user", "item", "category", "behaviour", "time"), has_header=False)
EVENTS = EventColumns(
    "user",
    "item",
    "time",
    "s",
    type="behaviour",
    type_names={"pv": "page_view", "buy": "purchase", "cart": "add_to_cart", "fav": "like"},
    is_closed=True,
    extra=("category",),
)


class TaobaoUserBehavior(Source[SourceConfig]):
    """Read page views, favourites, carts and purchases; the data has no prices."""

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        file = path if path.is_file() else find_file(path, "UserBehavior.csv")
        start = first_lines(file, 1) if file else []
        pattern = r"\d+,\d+,\d+,(pv|buy|cart|fav),-?\d+"
        return bool(start) and re.fullmatch(pattern, start[0]) is not None

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        file = data_file(path, "UserBehavior.csv")
        rows = read_events(file, LAYOUT, EVENTS, progress)
        items = rows.events.select("item_id", "category")
        return SourceTable(
            name="taobao_userbehavior",
            events=rows.events.drop("category"),
            bad_rows=rows.bad_rows,
            n_rows_read=rows.n_rows_read,
            files=(file,),
            item_table=items.unique("item_id", keep="last", maintain_order=True),
        )
