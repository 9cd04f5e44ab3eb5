"""Read HetRec 2011 Last.fm 2K: `user_artists.dat` and what stands beside it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout, has_header
from coadapt.data.sources._files import data_file, find_file
from coadapt.data.sources.base import (
    Source,
    SourceConfig,
    SourceTable,
    no_bad_rows,
    read_attributes,
    read_events,
)
from coadapt.domain.progress import Progress, no_progress

__all__ = ["LastFM2K"]

PLAYS = Layout(("userID", "artistID", "weight"), "\t")
ARTISTS = Layout(("id", "name", "url", "pictureURL"), "\t")
FRIENDS = Layout(("userID", "friendID"), "\t")
TAGGINGS = Layout(("userID", "artistID", "tagID", "day", "month", "year"), "\t")
TAGS = Layout(("tagID", "tagValue"), "\t", encoding="latin-1")
EVENTS = EventColumns("userID", "artistID", None, constant_type="play", value="weight")


class LastFM2K(Source[SourceConfig]):
    """Read play counts as one `play` event a user and artist, `value` being the count.

    The data has no times: the order of the file stands for them. An artist's `category` is the tag
    that it was given most often.
    """

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        file = path if path.is_file() else find_file(path, "user_artists.dat")
        return file is not None and has_header(file, PLAYS)

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        plays = data_file(path, "user_artists.dat")
        side = {
            name: file
            for name in SIDE_FILES
            if (file := find_file(path, f"{name}.dat")) is not None
        }
        tables = {name: read_attributes(file, SIDE_FILES[name]) for name, file in side.items()}
        rows = read_events(plays, PLAYS, EVENTS, progress)
        frames = {name: frame for name, (frame, _) in tables.items()}
        bad_rows = [rows.bad_rows, *(bad for _, bad in tables.values()), no_bad_rows()]
        return SourceTable(
            name="lastfm_2k",
            events=rows.events,
            bad_rows=pl.concat(bad_rows),
            n_rows_read=rows.n_rows_read,
            files=(plays, *side.values()),
            item_table=_item_table(frames),
            ties=_ties(frames.get("user_friends")),
            has_times=False,
        )


SIDE_FILES = {
    "artists": ARTISTS,
    "user_friends": FRIENDS,
    "user_taggedartists": TAGGINGS,
    "tags": TAGS,
}


def _ties(friends: pl.DataFrame | None) -> pl.DataFrame | None:
    """Return who is a friend of whom; the file names both directions."""
    if friends is None:
        return None
    return friends.select(user_id="userID", target_user_id="friendID")


def _item_table(frames: dict[str, pl.DataFrame]) -> pl.DataFrame | None:
    """Return artists with their most frequent tag; of equally frequent ones, the first by name."""
    if "artists" not in frames:
        return None
    artists = frames["artists"].select(item_id="id", title="name", url="url")
    if "tags" not in frames or "user_taggedartists" not in frames:
        return artists
    named = frames["user_taggedartists"].join(frames["tags"], on="tagID")
    counts = named.group_by("artistID", "tagValue").len()
    best = counts.sort("len", "tagValue", descending=[True, False]).unique(
        "artistID", keep="first", maintain_order=True
    )
    category = best.select(item_id="artistID", category="tagValue")
    return artists.join(category, on="item_id", how="left", maintain_order="left")
