"""Read MovieLens 100K: `u.data`, and `u.item` and `u.user` where they stand beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
from typing_extensions import override

from coadapt.data.sources._delimited import Layout
from coadapt.data.sources._files import find_file, first_lines
from coadapt.data.sources._movielens import Part, Release
from coadapt.data.sources.base import (
    Source,
    SourceConfig,
    SourceTable,
)
from coadapt.domain.progress import Progress, no_progress

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
RELEASE = Release(
    "movielens_100k",
    ratings=Part("u.data", RATINGS),
    films=Part("u.item", FILMS),
    users=Part("u.user", USERS),
)


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
        table = RELEASE.read(path, progress)
        films = table.item_table
        return table if films is None else replace(table, item_table=_with_category(films))


def _with_category(films: pl.DataFrame) -> pl.DataFrame:
    """Replace a flag a genre by one column of words."""
    words = [pl.when(pl.col(genre) == "1").then(pl.lit(genre)) for genre in GENRES]
    category = pl.concat_str(words, separator="|", ignore_nulls=True)
    return films.select("item_id", "title", "released", category=category)
