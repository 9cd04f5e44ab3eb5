"""Read MovieLens 1M: `ratings.dat`, and `movies.dat` and `users.dat` where they stand beside it."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout
from coadapt.data.sources._files import Progress, data_file, find_file, first_lines, no_progress
from coadapt.data.sources.base import (
    Source,
    SourceConfig,
    SourceTable,
    no_bad_rows,
    read_attributes,
    read_events,
)

__all__ = ["MovieLens1M"]

RATINGS = Layout(("user", "item", "rating", "time"), "::", has_header=False)
MOVIES = Layout(("item_id", "title", "category"), "::", has_header=False, encoding="latin-1")
USERS = Layout(("user_id", "gender", "age", "occupation", "zip_code"), "::", has_header=False)
EVENTS = EventColumns("user", "item", "time", "s", constant_type="rate", value="rating")


class MovieLens1M(Source[SourceConfig]):
    """Read ratings as `rate` events; a film's `category` is its list of genres joined by `|`."""

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        file = path if path.is_file() else find_file(path, "ratings.dat")
        start = first_lines(file, 1) if file else []
        return bool(start) and re.fullmatch(r"\d+::\d+::[\d.]+::\d+", start[0]) is not None

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        ratings = data_file(path, "ratings.dat")
        movies, users = find_file(path, "movies.dat"), find_file(path, "users.dat")
        none = (None, no_bad_rows())
        item_table, bad_items = read_attributes(movies, MOVIES) if movies else none
        user_table, bad_users = read_attributes(users, USERS) if users else none
        rows = read_events(ratings, RATINGS, EVENTS, progress)
        return SourceTable(
            name="movielens_1m",
            events=rows.events,
            bad_rows=pl.concat([rows.bad_rows, bad_items, bad_users]),
            n_rows_read=rows.n_rows_read,
            files=tuple(file for file in (ratings, movies, users) if file),
            item_table=item_table,
            user_table=user_table,
        )
