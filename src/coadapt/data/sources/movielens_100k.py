"""Read MovieLens 100K: `u.data`, and `u.item` and `u.user` where they stand beside it."""

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

__all__ = ["MovieLens100K"]

GENRES = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)
FILM = ("item_id", "title", "released", "video_released", "url")
RATINGS = Layout(("user", "item", "rating", "time"), "\t", has_header=False)
FILMS = Layout((*FILM, *GENRES), "|", has_header=False, encoding="latin-1")
USERS = Layout(("user_id", "age", "gender", "occupation", "zip_code"), "|", has_header=False)
EVENTS = EventColumns("user", "item", "time", "s", constant_type="rate", value="rating")


class MovieLens100K(Source[SourceConfig]):
    """Read ratings as `rate` events; a film's `category` is its list of genres joined by `|`."""

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        file = path if path.is_file() else find_file(path, "u.data")
        start = first_lines(file, 1) if file else []
        return bool(start) and re.fullmatch(r"\d+\t\d+\t[1-5]\t\d{9}", start[0]) is not None

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        ratings = data_file(path, "u.data")
        films, users = find_file(path, "u.item"), find_file(path, "u.user")
        none = (None, no_bad_rows())
        film_table, bad_items = read_attributes(films, FILMS) if films else none
        user_table, bad_users = read_attributes(users, USERS) if users else none
        rows = read_events(ratings, RATINGS, EVENTS, progress)
        return SourceTable(
            name="movielens_100k",
            events=rows.events,
            bad_rows=pl.concat([rows.bad_rows, bad_items, bad_users]),
            n_rows_read=rows.n_rows_read,
            files=tuple(file for file in (ratings, films, users) if file),
            item_table=None if film_table is None else _with_category(film_table),
            user_table=user_table,
        )


def _with_category(films: pl.DataFrame) -> pl.DataFrame:
    """Replace a flag a genre by one column of words."""
    words = [pl.when(pl.col(genre) == "1").then(pl.lit(genre)) for genre in GENRES]
    category = pl.concat_str(words, separator="|", ignore_nulls=True)
    return films.select("item_id", "title", "released", category=category)
