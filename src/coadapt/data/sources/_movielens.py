"""Read what the releases of MovieLens share: ratings, with files of films and users beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout
from coadapt.data.sources._files import data_file, find_file
from coadapt.data.sources.base import SourceTable, no_bad_rows, read_attributes, read_events
from coadapt.domain.progress import Progress

RATING: Final = EventColumns("user", "item", "time", "s", constant_type="rate", value="rating")


@dataclass(frozen=True)
class Part:
    """Name one file of a release and its layout."""

    file: str
    layout: Layout


@dataclass(frozen=True)
class Release:
    """Name a release's files; those of films and users may be absent."""

    name: str
    ratings: Part
    films: Part
    users: Part

    def read(self, path: Path, progress: Progress) -> SourceTable:
        """Read the ratings at a path, or in its folder, and what stands beside them."""
        ratings = data_file(path, self.ratings.file)
        films, users = find_file(path, self.films.file), find_file(path, self.users.file)
        none = (None, no_bad_rows())
        film_table, bad_films = read_attributes(films, self.films.layout) if films else none
        user_table, bad_users = read_attributes(users, self.users.layout) if users else none
        rows = read_events(ratings, self.ratings.layout, RATING, progress)
        return SourceTable(
            name=self.name,
            events=rows.events,
            bad_rows=pl.concat([rows.bad_rows, bad_films, bad_users]),
            n_rows_read=rows.n_rows_read,
            files=tuple(file for file in (ratings, films, users) if file),
            item_table=film_table,
            user_table=user_table,
        )
