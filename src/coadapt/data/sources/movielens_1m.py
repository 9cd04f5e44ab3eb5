"""Read MovieLens 1M: `ratings.dat`, and `movies.dat` and `users.dat` where they stand beside it."""

from __future__ import annotations

import re
from pathlib import Path

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

__all__ = ["MovieLens1M"]

RATINGS = Layout(("user", "item", "rating", "time"), "::", has_header=False)
MOVIES = Layout(("item_id", "title", "category"), "::", has_header=False, encoding="latin-1")
USERS = Layout(("user_id", "gender", "age", "occupation", "zip_code"), "::", has_header=False)
RELEASE = Release(
    "movielens_1m",
    ratings=Part("ratings.dat", RATINGS),
    films=Part("movies.dat", MOVIES),
    users=Part("users.dat", USERS),
)


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
        return RELEASE.read(path, progress)
