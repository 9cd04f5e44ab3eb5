"""Read HetRec 2011 Delicious 2K: `user_taggedbookmarks*.dat` and what stands beside it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from typing_extensions import override

from coadapt.data.sources._checks import EventColumns
from coadapt.data.sources._delimited import Layout, header_of, read_delimited
from coadapt.data.sources._files import data_file, find_file
from coadapt.data.sources.base import (
    EventRows,
    Source,
    SourceConfig,
    SourceTable,
    collect_events,
    no_bad_rows,
    read_attributes,
)
from coadapt.domain.errors import DataError
from coadapt.domain.progress import Progress, no_progress

__all__ = ["Delicious2K", "Delicious2KConfig"]

TAGGING_FILES = ("user_taggedbookmarks-timestamps.dat", "user_taggedbookmarks.dat")
CONTACT_FILES = ("user_contacts.dat", "user_contacts-timestamps.dat")
KEY = ("userID", "bookmarkID", "tagID")
DATE_PARTS = ("day", "month", "year", "hour", "minute", "second")
STAMPED = Layout((*KEY, "timestamp"), "\t")
DATED = Layout((*KEY, *DATE_PARTS), "\t")
URLS = Layout(("id", "md5", "title", "url", "md5Principal", "urlPrincipal"), "\t")
STAMPED_EVENTS = EventColumns(*KEY[:2], "timestamp", "ms", constant_type="bookmark")
DATED_EVENTS = EventColumns(*KEY[:2], "date", "iso", constant_type="bookmark")


class Delicious2KConfig(SourceConfig):
    """Say whether the tags of one bookmark, a row each, are one event."""

    one_event_a_bookmark: bool = True


class Delicious2K(Source[Delicious2KConfig]):
    """Read bookmarks as `bookmark` events; dates in parts are taken as UTC."""

    Config = Delicious2KConfig

    @classmethod
    @override
    def matches(cls, path: Path) -> bool:
        file = path if path.is_file() else find_file(path, *TAGGING_FILES)
        return file is not None and header_of(file, "\t")[:3] == KEY

    @override
    def read(self, path: Path, progress: Progress = no_progress) -> SourceTable:
        taggings = data_file(path, *TAGGING_FILES)
        contacts, urls = find_file(path, *CONTACT_FILES), find_file(path, "bookmarks.dat")
        none = (None, no_bad_rows())
        item_table, bad_items = read_attributes(urls, URLS) if urls else none
        ties, bad_ties = _read_contacts(contacts) if contacts else none
        rows = _read_taggings(taggings, progress)
        events = rows.events
        if self.config.one_event_a_bookmark:
            key = ["user_id", "item_id", "timestamp"]
            events = events.unique(key, keep="first", maintain_order=True)
        return SourceTable(
            name="delicious_2k",
            events=events,
            bad_rows=pl.concat([rows.bad_rows, bad_items, bad_ties]),
            n_rows_read=rows.n_rows_read,
            files=tuple(file for file in (taggings, contacts, urls) if file),
            item_table=None if item_table is None else _item_table(item_table),
            ties=ties,
        )


def _read_taggings(path: Path, progress: Progress) -> EventRows:
    """Read either form of the file of taggings."""
    if len(header_of(path, "\t")) == len(STAMPED.columns):
        return collect_events(path, read_delimited(path, STAMPED, progress), STAMPED_EVENTS)
    blocks = (block.with_columns(date=_date()) for block in read_delimited(path, DATED, progress))
    return collect_events(path, blocks, DATED_EVENTS)


def _date() -> pl.Expr:
    """Join the parts of a date to ISO 8601."""
    day, month, year, hour, minute, second = (pl.col(p).str.zfill(2) for p in DATE_PARTS)
    return pl.format("{}-{}-{}T{}:{}:{}Z", year, month, day, hour, minute, second)


def _read_contacts(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return ties and bad rows of either form of the file of contacts."""
    columns = header_of(path, "\t")
    if columns[:2] != ("userID", "contactID"):
        raise DataError(f"{path}, line 1: expected a header of userID, contactID and a time")
    frame, bad = read_attributes(path, Layout(columns, "\t"))
    return frame.select(user_id="userID", target_user_id="contactID"), bad


def _item_table(urls: pl.DataFrame) -> pl.DataFrame:
    """Return bookmarks; the site that a page belongs to is its category."""
    return urls.select(item_id="id", title="title", category="urlPrincipal", url="url")
